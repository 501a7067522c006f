#include "gateway/cache/stored_answer.hpp"

#include "config/basics/enforced.hpp"
#include "gateway/headers/hop_by_hop.hpp"
#include "gateway/http/field_syntax.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::gateway {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

/// Age is counted anew, and what was said of caches on the way is of that one answer.
bool is_of_one_answer(std::string_view name) noexcept
{
    static constexpr std::array<std::string_view, 3> names = {"age", "cache-status", "warning"};
    return std::ranges::any_of(
        names, [&](std::string_view each) { return equal_ignoring_case(name, each); });
}

bool is_kept(const Field& field, const Nominations& nominations) noexcept
{
    const bool travels =
        transport_of(field.name) == Transport::none && !nominations.remove(field.name);
    return (travels || !enforced("cache.hop_by_hop")) && !is_of_one_answer(field.name);
}

} // namespace

std::string_view StoredAnswer::only_value(std::string_view name) const noexcept
{
    std::string_view found;
    for (const auto& [each, value] : fields) {
        if (!equal_ignoring_case(each, name)) continue;
        if (!found.empty()) return {};
        found = value;
    }
    return found;
}

std::uint64_t StoredAnswer::bytes() const noexcept
{
    std::uint64_t sum = sizeof(StoredAnswer) + reason.size() + variation.bytes();
    for (const auto& [name, value] : fields)
        sum += name.size() + value.size() + 2 * sizeof(std::string);
    return sum;
}

Fields fields_to_keep(std::span<const Field> fields)
{
    const Nominations nominations(fields);
    Fields kept;
    for (const auto& field : fields) {
        if (is_kept(field, nominations)) kept.emplace_back(field.name, field.value);
    }
    return kept;
}

Fields fields_updated(const Fields& stored, std::span<const Field> told)
{
    // What describes the body that is kept stays as it came with that.
    constexpr std::string_view policy = "content-security-policy";
    const auto is_of_body = [&](std::string_view name) {
        return equal_ignoring_case(name.substr(0, 8), "content-") &&
               !equal_ignoring_case(name.substr(0, policy.size()), policy);
    };
    auto news = fields_to_keep(told);
    std::erase_if(news, [&](const auto& field) { return is_of_body(field.first); });
    Fields all;
    for (const auto& field : stored) {
        const bool is_told = std::ranges::any_of(
            news, [&](const auto& each) { return equal_ignoring_case(each.first, field.first); });
        // Of when the answer was made that is good no longer.
        const bool is_over = equal_ignoring_case(field.first, "date");
        if (!is_told && !is_over) all.push_back(field);
    }
    all.insert(all.end(), news.begin(), news.end());
    return all;
}

std::vector<Field> views_of(const Fields& fields)
{
    std::vector<Field> views;
    views.reserve(fields.size());
    for (const auto& [name, value] : fields) views.push_back({name, value});
    return views;
}

} // namespace gatehouse::gateway
