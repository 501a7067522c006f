#include "gateway/cache/vary.hpp"

#include "config/basics/enforced.hpp"
#include "gateway/cache/keyed_request.hpp"
#include "gateway/http/field_syntax.hpp"

#include <algorithm>

namespace gatehouse::gateway {
namespace {

constexpr std::size_t most_names = 16;
constexpr std::size_t most_bytes = 4096; // of all values

bool is_caseless(std::string_view name) noexcept
{
    return equal_ignoring_case(name, "accept-encoding") ||
           equal_ignoring_case(name, "accept-language") ||
           equal_ignoring_case(name, "accept-charset") || equal_ignoring_case(name, "accept");
}

/// "1" and the value, or "0" where there is no such field: an empty one is another matter.
std::string told_value(std::span<const Field> request, std::string_view name)
{
    const auto value = selecting_value(request, name);
    return value ? '1' + *value : "0";
}

} // namespace

std::optional<std::string> selecting_value(std::span<const Field> request, std::string_view name)
{
    std::optional<std::string> all;
    for (const auto& field : request) {
        if (!equal_ignoring_case(field.name, name)) continue;
        for_each_element(field.value, [&](std::string_view element) {
            if (all) {
                *all += ',';
            } else {
                all.emplace();
            }
            *all += element;
        });
    }
    if (all && is_caseless(name)) std::ranges::transform(*all, all->begin(), lower);
    return all;
}

bool Variation::fits(std::span<const Field> request) const
{
    return std::ranges::all_of(selected_, [&](const auto& selected) {
        return told_value(request, selected.first) == selected.second;
    });
}

std::size_t Variation::bytes() const noexcept
{
    std::size_t sum = 0;
    for (const auto& [name, value] : selected_) sum += name.size() + value.size() + 64;
    return sum;
}

std::optional<Variation> variation_of(std::span<const Field> answer, std::span<const Field> request,
                                      const HeaderPolicy& policy)
{
    Variation variation;
    bool endless = false;
    const auto add = [&](std::string_view name) {
        if (name.empty() || endless) return;
        const auto kind = vary_name(name, policy);
        const bool is_name = is_token(name) && name != "*";
        endless = !is_name || kind == VaryName::endless || variation.selected_.size() == most_names;
        if (endless) return;
        if (kind == VaryName::of_user) {
            variation.of_user_ = true; // and the key has it
            return;
        }
        std::string folded(name);
        std::ranges::transform(folded, folded.begin(), lower);
        variation.selected_.emplace_back(folded, told_value(request, folded));
    };
    for (const auto& field : answer) {
        if (equal_ignoring_case(field.name, "vary")) for_each_element(field.value, add);
    }
    std::ranges::sort(variation.selected_);
    const auto doubles = std::ranges::unique(variation.selected_);
    variation.selected_.erase(doubles.begin(), doubles.end());
    std::size_t bytes = 0;
    for (const auto& [name, value] : variation.selected_) bytes += value.size();
    if (bytes > most_bytes) endless = true;
    if (endless && enforced("cache.vary_endless")) return std::nullopt;
    return variation;
}

} // namespace gatehouse::gateway
