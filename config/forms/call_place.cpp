#include "config/forms/call_place.hpp"

#include "config/forms/forms.hpp"
#include "config/routes/pattern.hpp"
#include "config/yaml/node.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace gatehouse::config {
namespace {

// No HEAD, which must do nothing, and no OPTIONS, which is answered before any call.
constexpr auto methods = std::to_array<std::string_view>({"GET", "POST", "PUT", "PATCH", "DELETE"});

bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' ||
           c == '-' || c == '_' || c == '.' || c == '~';
}

/// A path of which there is one spelling, as the judge of request paths leaves it.
bool is_plain_path(std::string_view path)
{
    return path.size() > 1 && !path.ends_with('/') && std::ranges::all_of(path, is_plain) &&
           parse_path_pattern(path).has_value();
}

std::optional<Problem> check_call_place(std::string_view text)
{
    if (parse_call_place(text)) return {};
    return Problem{fmt::format("{} is not where a call can be", quoted(text)),
                   fmt::format("write one of {} and a plain path, for example POST /auth/login",
                               fmt::join(methods, ", "))};
}

std::optional<Problem> check_cookie_path(std::string_view text)
{
    if (is_cookie_path(text)) return {};
    return Problem{fmt::format("{} is not a path for a cookie", quoted(text)),
                   "write / or a path of letters, digits, -, _, . and ~, for example /auth"};
}

} // namespace

std::optional<CallPlace> parse_call_place(std::string_view text)
{
    const auto space = text.find(' ');
    if (space == text.npos) return {};
    const CallPlace place{text.substr(0, space), text.substr(space + 1)};
    const bool fits = std::ranges::find(methods, place.method) != methods.end();
    if (!fits || !is_plain_path(place.path)) return {};
    return place;
}

bool is_cookie_path(std::string_view path)
{
    return path == "/" || is_plain_path(path);
}

bool is_in_cookie_path(std::string_view path, std::string_view cookie_path)
{
    if (cookie_path == "/") return true;
    return path.starts_with(cookie_path) &&
           (path.size() == cookie_path.size() || path[cookie_path.size()] == '/');
}

namespace forms {
const Form call_place{"`METHOD /path`", check_call_place};
const Form cookie_path{"/ or a path", check_cookie_path};
} // namespace forms

} // namespace gatehouse::config
