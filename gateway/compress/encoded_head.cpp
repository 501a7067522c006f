#include "gateway/compress/encoded_head.hpp"

#include "config/basics/enforced.hpp"
#include "gateway/headers/only_value.hpp"
#include "gateway/http/field_syntax.hpp"

#include <algorithm>

namespace gatehouse::gateway {
namespace {

bool names(std::string_view list, std::string_view wanted) noexcept
{
    while (!list.empty()) {
        const auto comma = list.find(',');
        const auto name = trimmed(list.substr(0, comma));
        if (name == "*" || equal_ignoring_case(name, wanted)) return true;
        list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
    }
    return false;
}

bool is_strong(std::string_view etag) noexcept
{
    return etag.starts_with('"');
}

void weaken(ResponseHead& answer, std::string& etag)
{
    for (auto& field : answer.fields) {
        if (!equal_ignoring_case(field.name, "etag") || !is_strong(field.value)) continue;
        etag.assign("W/").append(field.value);
        field.value = etag;
        return; // a second one is no ETag
    }
}

} // namespace

bool varies_by_coding(std::span<const Field> answer) noexcept
{
    return std::ranges::any_of(answer, [](const Field& field) {
        return equal_ignoring_case(field.name, "vary") && names(field.value, "accept-encoding");
    });
}

void let_go_of_bytes(ResponseHead& answer, std::string& etag)
{
    std::erase_if(answer.fields, [](const Field& field) {
        return (equal_ignoring_case(field.name, "content-length") && enforced("compress.length")) ||
               equal_ignoring_case(field.name, "accept-ranges");
    });
    if (enforced("compress.weak_etag")) weaken(answer, etag);
}

void name_as_asked(ResponseHead& answer, std::span<const Field> request, std::string& etag)
{
    const auto said = only_value(answer.fields, "etag");
    if (!is_strong(said)) return;
    const auto weak = std::string("W/").append(said);
    const bool asked_weakly = std::ranges::any_of(request, [&](const Field& field) {
        return equal_ignoring_case(field.name, "if-none-match") &&
               field.value.find(weak) != std::string_view::npos;
    });
    if (asked_weakly) weaken(answer, etag);
}

} // namespace gatehouse::gateway
