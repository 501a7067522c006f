#include "gateway/headers/forwarded_path.hpp"

#include "gateway/routing/escapes.hpp"

namespace gatehouse::gateway {
namespace {

bool equal_decoded(std::string_view left, std::string_view right) noexcept
{
    while (!left.empty() && !right.empty()) {
        if (take_decoded(left) != take_decoded(right)) return false;
    }
    return left.empty() && right.empty();
}

} // namespace

std::string_view forwarded_path(std::string_view path, std::string_view strip_prefix) noexcept
{
    if (strip_prefix.size() < 2) return path; // nothing, or the root
    auto wanted = strip_prefix.substr(1);
    auto rest = path.substr(1);
    bool at_end = false;
    while (!wanted.empty()) {
        if (at_end) return path;
        at_end = rest.find('/') == rest.npos;
        const auto segment = without_params(take_segment(rest));
        if (!equal_decoded(segment, take_segment(wanted))) return path;
    }
    // What is left begins with the slash before `rest`.
    return at_end ? "/" : path.substr(path.size() - rest.size() - 1);
}

} // namespace gatehouse::gateway
