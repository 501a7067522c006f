#include "gateway/routing/auth_prefix.hpp"

#include "gateway/http/field_syntax.hpp"
#include "gateway/routing/escapes.hpp"

#include <algorithm>
#include <optional>

namespace gatehouse::gateway {
namespace {

/// What servers have been seen to drop at the end of a segment: parameters, also behind an escaped
/// semicolon, and the blanks and dots that no file name of Windows ends with.
bool is_dropped(std::string_view end) noexcept
{
    while (!end.empty()) {
        const char next = take_decoded(end);
        if (next == ';') return true;
        if (next != ' ' && next != '.') return false;
    }
    return true;
}

bool segment_resembles(std::string_view segment, std::string_view wanted) noexcept
{
    segment = without_params(segment);
    while (!segment.empty() && !wanted.empty()) {
        if (lower(take_decoded(segment)) != lower(take_decoded(wanted))) return false;
    }
    return wanted.empty() && is_dropped(segment);
}

/// The first letter tells nearly all paths from the prefix.
bool begins_differently(std::string_view rest, std::string_view wanted) noexcept
{
    if (rest.empty() || wanted.empty()) return !wanted.empty();
    return lower(take_decoded(rest)) != lower(take_decoded(wanted));
}

/// What stands behind segments of `path` that resemble those of `prefix`; nothing: they do not.
std::optional<std::string_view> rest_behind(std::string_view path, std::string_view prefix) noexcept
{
    if (prefix.empty() || path.empty()) return std::nullopt;
    auto rest = path.substr(1);
    auto wanted = prefix.substr(1);
    if (begins_differently(rest, wanted)) return std::nullopt;
    while (!wanted.empty()) {
        if (!segment_resembles(take_segment(rest), take_segment(wanted))) return std::nullopt;
    }
    return rest;
}

} // namespace

bool is_under(std::string_view path, std::string_view prefix) noexcept
{
    return path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/');
}

bool resembles(std::string_view path, std::string_view prefix) noexcept
{
    return rest_behind(path, prefix).has_value();
}

bool is_verdict_path(std::string_view path, std::string_view prefix) noexcept
{
    return path.starts_with(prefix) && path.substr(prefix.size()).starts_with("/verify/");
}

bool is_auth_path(std::string_view path, const config::AuthApiSettings& auth) noexcept
{
    if (is_under(path, auth.prefix)) return true;
    return std::ranges::find(auth.contract.outer_paths, path) != auth.contract.outer_paths.end();
}

bool resembles_auth_path(std::string_view path, const config::AuthApiSettings& auth) noexcept
{
    if (resembles(path, auth.prefix)) return true;
    return std::ranges::any_of(auth.contract.outer_paths, [&](const auto& own) {
        const auto rest = rest_behind(path, own);
        return rest && rest->empty(); // with or without a slash at its end; what is below is free
    });
}

} // namespace gatehouse::gateway
