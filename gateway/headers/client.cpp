#include "gateway/headers/client.hpp"

#include "config/basics/enforced.hpp"
#include "gateway/http/field_syntax.hpp"

#include <algorithm>

namespace gatehouse::gateway {
namespace {

/// `192.0.2.1:80` and `[2001:db8::1]:80`, as some proxies write them, without the port.
std::string_view without_port(std::string_view entry) noexcept
{
    const auto bracket = entry.find(']');
    if (entry.starts_with('[') && bracket != entry.npos) return entry.substr(1, bracket - 1);
    const auto colon = entry.find(':');
    const bool one_colon = colon != entry.npos && entry.find(':', colon + 1) == entry.npos;
    return one_colon ? entry.substr(0, colon) : entry;
}

/// Takes the last member off a comma-separated list, without the white space around it.
std::string_view take_last(std::string_view& list) noexcept
{
    const auto comma = list.rfind(',');
    const auto member = comma == list.npos ? list : list.substr(comma + 1);
    list = list.substr(0, comma == list.npos ? 0 : comma);
    return trimmed(member);
}

/// Walks X-Forwarded-For from its end: each trusted hop vouches for the entry before it.
std::string_view first_stranger(const RequestHead& head, std::string_view peer_address,
                                const Networks& trusted) noexcept
{
    auto believed = peer_address;
    for (auto field = head.fields.rbegin(); field != head.fields.rend(); ++field) {
        if (!equal_ignoring_case(field->name, "x-forwarded-for")) continue;
        for (auto list = field->value; !list.empty();) {
            const auto entry = take_last(list);
            if (entry.empty()) continue;
            const auto address = without_port(entry);
            if (!is_address(address)) return believed;
            believed = address;
            if (enforced("client.stops_at_stranger") && !trusted.contains(address)) return believed;
        }
    }
    return believed;
}

bool says_https(const RequestHead& head) noexcept
{
    const auto proto = std::ranges::find_if(head.fields, [](const Field& field) {
        return equal_ignoring_case(field.name, "x-forwarded-proto");
    });
    return proto != head.fields.end() && equal_ignoring_case(proto->value, "https");
}

} // namespace

Client client_of(const RequestHead& head, std::string_view peer_address, bool peer_trusted,
                 bool tls, const Networks& trusted) noexcept
{
    // Anybody can write X-Forwarded-*; it says something only when a proxy of ours sends it.
    if (enforced("client.trusted_peer_only") && !peer_trusted) return {peer_address, tls};
    return {first_stranger(head, peer_address, trusted), tls || says_https(head)};
}

} // namespace gatehouse::gateway
