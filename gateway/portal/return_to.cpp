#include "gateway/portal/return_to.hpp"

#include "config/basics/enforced.hpp"
#include "gateway/routing/escapes.hpp"

#include <algorithm>

namespace gatehouse::gateway {
namespace {

/// More than any link to a page; less than what browsers and servers cut off.
constexpr std::size_t longest = 2048;

/// How often a path may be escaped. Somebody behind us may decode it once more than we thought.
constexpr int deepest = 3;

bool is_visible(char c) noexcept
{
    return c > 0x20 && c < 0x7f;
}

bool is_control(char c) noexcept
{
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
}

bool is_dots(std::string_view segment) noexcept
{
    return segment == "." || segment == "..";
}

/// Some drop it, and a segment may then be none.
bool has_blank_at_an_end(std::string_view segment) noexcept
{
    return segment.starts_with(' ') || segment.ends_with(' ');
}

/// What some reader takes for the beginning of a host, for another path or for two lines.
bool is_doubtful(std::string_view path) noexcept
{
    if (enforced("return_to.double_slash") && path.find("//") != path.npos) return true;
    if (enforced("return_to.backslash") && path.find('\\') != path.npos) return true;
    if (enforced("return_to.control") && std::ranges::any_of(path, is_control)) return true;
    while (!path.empty()) {
        const auto segment = take_segment(path);
        if (enforced("return_to.dots") && is_dots(segment)) return true;
        if (enforced("return_to.blank") && has_blank_at_an_end(segment)) return true;
    }
    return false;
}

std::string decoded(std::string_view path)
{
    std::string out;
    while (!path.empty()) out += take_decoded(path);
    return out;
}

/// The path of one of the origins, or of none.
std::string_view behind_origin(std::string_view place, std::span<const std::string> origins)
{
    for (const auto& origin : origins) {
        if (!place.starts_with(origin)) continue;
        const auto rest = place.substr(origin.size());
        if (rest.empty()) return "/";
        if (rest.front() == '/') return rest; // and not :port, @host or .another.example
    }
    return place;
}

} // namespace

bool may_return_to(std::string_view place, std::span<const std::string> origins)
{
    if (enforced("return_to.length") && place.size() > longest) return false;
    if (enforced("return_to.visible") && !std::ranges::all_of(place, is_visible)) return false;
    const auto rest = behind_origin(place, origins);
    if (enforced("return_to.path") && !rest.starts_with('/')) return false;

    std::string path(rest.substr(0, rest.find_first_of("?#")));
    for (int depth = 0; depth <= deepest; ++depth) {
        if (is_doubtful(path)) return false;
        auto inner = decoded(path);
        if (inner == path) return true;
        path = std::move(inner);
    }
    return !enforced("return_to.depth");
}

} // namespace gatehouse::gateway
