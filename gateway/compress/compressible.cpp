#include "gateway/compress/compressible.hpp"

#include "config/basics/enforced.hpp"
#include "gateway/headers/only_value.hpp"
#include "gateway/http/field_syntax.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace gatehouse::gateway {
namespace {

/// Whoever sends these means the bytes as they are: a part, packed already, signed or summed up.
/// What a Trailer announces may be such a sum.  RFC 9530, RFC 9421
constexpr std::array<std::string_view, 8> of_these_bytes = {
    "content-range", "content-digest", "repr-digest",     "digest",
    "content-md5",   "signature",      "signature-input", "trailer"};

bool has(const ResponseHead& answer, std::string_view name) noexcept
{
    return std::ranges::any_of(
        answer.fields, [&](const Field& field) { return equal_ignoring_case(field.name, name); });
}

bool has_body_to_pack(unsigned status) noexcept
{
    return status >= 200 && status != 204 && status != 205 && status != 206 && status != 226 &&
           status != 304;
}

/// As far as it is known. What HEAD is told counts as what GET would get.
std::optional<std::uint64_t> length_of(const ResponseHead& answer) noexcept
{
    if (answer.framing.kind == BodyKind::length) return answer.framing.length;
    if (answer.framing.kind != BodyKind::none) return std::nullopt;
    const auto text = only_value(answer.fields, "content-length");
    std::uint64_t length = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), length);
    if (text.empty() || read.ptr != text.data() + text.size()) return std::nullopt;
    return length;
}

bool is_in_range(std::string_view type, std::string_view range) noexcept
{
    const auto star = range.find('*');
    if (star == std::string_view::npos) return equal_ignoring_case(type, range);
    const auto front = range.substr(0, star);
    const auto back = range.substr(star + 1);
    return type.size() > front.size() + back.size() &&
           equal_ignoring_case(type.substr(0, front.size()), front) &&
           equal_ignoring_case(type.substr(type.size() - back.size()), back);
}

} // namespace

bool is_of_type(std::string_view type, std::span<const std::string> ranges) noexcept
{
    const auto name = trimmed(type.substr(0, type.find(';')));
    return std::ranges::any_of(ranges,
                               [&](const std::string& range) { return is_in_range(name, range); });
}

bool forbids_transformation(std::span<const Field> fields) noexcept
{
    for (const auto& field : fields) {
        if (!equal_ignoring_case(field.name, "cache-control")) continue;
        for (auto rest = field.value; !rest.empty();) {
            const auto comma = rest.find(',');
            if (equal_ignoring_case(trimmed(rest.substr(0, comma)), "no-transform")) return true;
            rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
        }
    }
    return false;
}

bool is_compressible(const ResponseHead& answer,
                     const config::RouteCompressionSettings& settings) noexcept
{
    if (!has_body_to_pack(answer.status) && enforced("compress.status")) return false;
    const auto type = only_value(answer.fields, "content-type");
    if (!is_of_type(type, settings.types)) return false;
    // Events are told one by one, and their readers count on that.
    const auto name = trimmed(type.substr(0, type.find(';')));
    if (equal_ignoring_case(name, "text/event-stream") && enforced("compress.event_stream"))
        return false;
    const auto length = length_of(answer);
    if (length && (*length == 0 || *length < settings.min_size_bytes)) return false;
    if (has(answer, "content-encoding") && enforced("compress.packed_already")) return false;
    const bool means_these_bytes = std::ranges::any_of(
        of_these_bytes, [&](std::string_view each) { return has(answer, each); });
    if (means_these_bytes && enforced("compress.these_bytes")) return false;
    return !(forbids_transformation(answer.fields) && enforced("compress.no_transform"));
}

} // namespace gatehouse::gateway
