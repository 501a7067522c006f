#include "gateway/command/request_example.hpp"

#include "gateway/routing/escapes.hpp"

#include <fmt/format.h>

namespace gatehouse::gateway {
namespace {

using config::SegmentKind;

std::string escaped(std::string_view text)
{
    std::string out;
    for (const char c : text) {
        if (is_unreserved(c))
            out += c;
        else
            out += fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    }
    return out;
}

} // namespace

std::string example_of(const config::PathPattern& pattern, std::size_t depth)
{
    std::string path;
    for (const auto& segment : pattern.segments) {
        if (segment.kind == SegmentKind::rest) {
            for (std::size_t i = 0; i < depth; ++i) path.append("/").append(fresh);
        } else {
            path += '/';
            path += segment.kind == SegmentKind::one ? std::string(fresh) : escaped(segment.text);
        }
    }
    return path.empty() ? "/" : path;
}

std::string example_of(const config::HostPattern& pattern)
{
    switch (pattern.kind) {
    case config::HostPattern::Kind::exact:
        return pattern.name;
    case config::HostPattern::Kind::wildcard:
        return std::string(fresh).append(".").append(pattern.name);
    case config::HostPattern::Kind::none:
        break;
    }
    return std::string(fresh_host);
}

std::string_view method_of(const config::RouteSettings& route)
{
    return route.methods.empty() ? fresh : std::string_view(route.methods.front());
}

} // namespace gatehouse::gateway
