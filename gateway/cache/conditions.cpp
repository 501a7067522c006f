#include "gateway/cache/conditions.hpp"

#include "gateway/headers/http_date.hpp"
#include "gateway/headers/only_value.hpp"
#include "gateway/http/field_syntax.hpp"

#include <algorithm>

namespace gatehouse::gateway {
namespace {

bool has(std::span<const Field> fields, std::string_view name) noexcept
{
    return std::ranges::any_of(
        fields, [&](const Field& field) { return equal_ignoring_case(field.name, name); });
}

std::string_view opaque(std::string_view etag) noexcept
{
    return etag.starts_with("W/") ? etag.substr(2) : etag;
}

/// One ETag off the front of `list`; "" where there is none any more. A comma may be inside.
std::string_view take_etag(std::string_view& list) noexcept
{
    while (!list.empty() && (is_blank(list.front()) || list.front() == ',')) list.remove_prefix(1);
    const std::size_t mark = list.starts_with("W/") ? 2 : 0;
    if (list.size() <= mark || list[mark] != '"') return {};
    const auto end = list.find('"', mark + 1);
    if (end == std::string_view::npos) return {};
    const auto etag = list.substr(0, end + 1);
    list.remove_prefix(end + 1);
    return etag;
}

bool names(std::string_view list, std::string_view etag) noexcept
{
    if (trimmed(list) == "*") return true;
    if (etag.empty()) return false;
    for (auto each = take_etag(list); !each.empty(); each = take_etag(list)) {
        if (opaque(each) == opaque(etag)) return true;
    }
    return false;
}

} // namespace

bool has_it_already(std::span<const Field> request, std::string_view etag,
                    std::string_view last_modified) noexcept
{
    if (has(request, "if-none-match")) {
        return std::ranges::any_of(request, [&](const Field& field) {
            return equal_ignoring_case(field.name, "if-none-match") && names(field.value, etag);
        });
    }
    const auto since = parse_http_date(only_value(request, "if-modified-since"));
    const auto modified = parse_http_date(last_modified);
    return since && modified && *modified <= *since;
}

bool may_speak_of(std::span<const Field> told, std::string_view etag) noexcept
{
    const auto other = only_value(told, "etag");
    return etag.empty() || other.empty() || opaque(other) == opaque(etag);
}

void ask_whether_still_so(std::vector<Field>& request, std::string_view etag,
                          std::string_view last_modified)
{
    std::erase_if(request, [](const Field& field) {
        return equal_ignoring_case(field.name, "if-none-match") ||
               equal_ignoring_case(field.name, "if-modified-since");
    });
    if (!etag.empty()) request.push_back({"If-None-Match", etag});
    if (!last_modified.empty()) request.push_back({"If-Modified-Since", last_modified});
}

} // namespace gatehouse::gateway
