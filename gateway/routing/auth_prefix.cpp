#include "gateway/routing/auth_prefix.hpp"

#include "gateway/http/field_syntax.hpp"
#include "gateway/routing/escapes.hpp"

namespace gatehouse::gateway {
namespace {

bool segment_resembles(std::string_view segment, std::string_view wanted) noexcept
{
    segment = without_params(segment);
    while (!segment.empty() && !wanted.empty()) {
        if (lower(take_decoded(segment)) != lower(take_decoded(wanted))) return false;
    }
    return segment.empty() && wanted.empty();
}

/// The first letter tells nearly all paths from the prefix.
bool begins_differently(std::string_view rest, std::string_view wanted) noexcept
{
    if (rest.empty() || wanted.empty()) return !wanted.empty();
    return lower(take_decoded(rest)) != lower(take_decoded(wanted));
}

} // namespace

bool is_under(std::string_view path, std::string_view prefix) noexcept
{
    return path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/');
}

bool resembles(std::string_view path, std::string_view prefix) noexcept
{
    if (prefix.empty() || path.empty()) return false;
    auto rest = path.substr(1);
    auto wanted = prefix.substr(1);
    if (begins_differently(rest, wanted)) return false;
    while (!wanted.empty()) {
        if (!segment_resembles(take_segment(rest), take_segment(wanted))) return false;
    }
    return true;
}

} // namespace gatehouse::gateway
