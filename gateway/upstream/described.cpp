#include "gateway/upstream/described.hpp"

#include "config/scalars/scalars.hpp"

#include <fmt/format.h>

namespace gatehouse::gateway {
namespace {

std::string key_of(const Spreading& spreading)
{
    switch (spreading.hash_on) {
    case HashOn::user:
        return "the user";
    case HashOn::session:
        return "the session";
    case HashOn::address:
        return "the client's address";
    case HashOn::header:
        return spreading.header;
    }
    return {};
}

std::string way_of(const Spreading& spreading)
{
    switch (spreading.balance) {
    case config::Balance::round_robin:
        return "in turn";
    case config::Balance::least_requests:
        return "to the one with the fewest requests under way";
    case config::Balance::hash:
        return fmt::format("by a hash of {}", key_of(spreading));
    }
    return {};
}

std::string described(const EndpointTarget& endpoint, std::uint32_t weight)
{
    std::string text;
    if (endpoint.socket_path.empty()) text = endpoint.secure ? "https://" : "http://";
    text += endpoint.authority;
    if (endpoint.expand && !endpoint.look_up.empty()) text += " (each address of the name)";
    if (weight != 1) text += fmt::format(" (weight {})", weight);
    return text;
}

} // namespace

std::string described(const UpstreamTarget& upstream)
{
    std::string text;
    bool several = upstream.endpoints.size() > 1;
    for (std::size_t i = 0; i < upstream.endpoints.size(); ++i) {
        if (!text.empty()) text += ", ";
        text += described(upstream.endpoints[i], upstream.weight_of(i));
        several = several || upstream.endpoints[i].expand;
    }
    if (const auto& budget = upstream.settings.budget; budget && budget->requests != 0) {
        text += fmt::format("; at most {} requests per {}", budget->requests,
                            config::format_duration(budget->per));
    }
    if (!several) return text;
    text += fmt::format("; {}", way_of(upstream.spreading));
    if (const auto& cookie = upstream.spreading.sticky_cookie) {
        text += fmt::format(", unless the cookie {} names one", cookie->name);
    }
    return text;
}

} // namespace gatehouse::gateway
