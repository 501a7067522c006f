#include "gateway/headers/client.hpp"

#include "config/basics/enforced.hpp"
#include "gateway/http/authority.hpp"
#include "gateway/http/field_syntax.hpp"

#include <algorithm>

namespace gatehouse::gateway {
namespace {

using End = Way::End;

/// Takes the last member off a comma-separated list, without the white space around it.
std::string_view take_last(std::string_view& list) noexcept
{
    const auto comma = list.rfind(',');
    const auto member = comma == list.npos ? list : list.substr(comma + 1);
    list = list.substr(0, comma == list.npos ? 0 : comma);
    return trimmed(member);
}

/// Shows the members of all lines of a field from the last one on, until `use` has enough.
template <class Use>
void from_end(const RequestHead& head, std::string_view name, Use use) noexcept
{
    for (auto field = head.fields.rbegin(); field != head.fields.rend(); ++field) {
        if (!equal_ignoring_case(field->name, name)) continue;
        for (auto list = field->value; !list.empty();) {
            const auto member = take_last(list);
            if (!member.empty() && !use(member)) return;
        }
    }
}

/// What the hop at this place says in another field. A list that is shorter was not written by
/// every hop: then its first member counts, which all hops in between have passed on.
std::string_view at_hop(const RequestHead& head, std::string_view name, std::size_t place) noexcept
{
    std::string_view found;
    std::size_t seen = 0;
    from_end(head, name, [&](std::string_view member) {
        found = member;
        return ++seen < std::max<std::size_t>(place, 1);
    });
    return found;
}

/// Takes one hop more; false: it is the last one.
bool go_to(Way& way, std::string_view address, const ClientRules& rules) noexcept
{
    way.hops[way.count++] = address;
    const bool trusted = rules.trusted.contains(address) || !enforced("client.stops_at_stranger");
    way.end = trusted ? End::nothing_said : End::stranger;
    return trusted && way.count < most_hops;
}

void walk_x_forwarded(Way& way, const RequestHead& head, const ClientRules& rules) noexcept
{
    std::size_t said = 0;
    from_end(head, "x-forwarded-for", [&](std::string_view member) {
        ++said;
        const auto address = without_port(member);
        if (is_address(address)) return go_to(way, address, rules);
        way.end = End::unreadable;
        return false;
    });
    way.proto = at_hop(head, "x-forwarded-proto", said);
    way.host = at_hop(head, "x-forwarded-host", said);
}

/// False: the walk is over.
bool walk_line(Way& way, const ForwardedLine& line, const ClientRules& rules) noexcept
{
    for (std::size_t i = 0; i < line.size(); ++i) {
        const auto& hop = line.from_end(i);
        way.proto = hop.proto;
        way.host = hop.host;
        if (hop.address.empty()) {
            way.end = End::hidden;
            return false;
        }
        if (!go_to(way, hop.address, rules)) return false;
    }
    return true;
}

void walk_forwarded(Way& way, const RequestHead& head, const ClientRules& rules) noexcept
{
    for (auto field = head.fields.rbegin(); field != head.fields.rend(); ++field) {
        if (!equal_ignoring_case(field->name, "forwarded")) continue;
        const auto line = ForwardedLine::read(field->value);
        if (!line) {
            way.end = End::unreadable;
            return;
        }
        if (!walk_line(way, *line, rules)) return;
    }
}

bool is_any_of(std::string_view proto, std::string_view one, std::string_view other) noexcept
{
    return equal_ignoring_case(proto, one) || equal_ignoring_case(proto, other);
}

} // namespace

ClientRules::ClientRules(const config::Settings& settings)
    : trusted(settings.trusted_proxies),
      named_in(settings.client_address),
      send_forwarded(settings.send_forwarded)
{
}

bool Way::is_secure(const Peer& peer) const noexcept
{
    // What Traefik calls a WebSocket over TLS is TLS.
    if (is_any_of(proto, "https", "wss")) return true;
    return !is_any_of(proto, "http", "ws") && peer.tls;
}

Way believed_way(const RequestHead& head, const Peer& peer, const ClientRules& rules) noexcept
{
    Way way;
    // Anybody can write these fields; they say something only when a proxy of ours sends them.
    if (enforced("client.trusted_peer_only") && !peer.trusted) return way;
    way.end = End::nothing_said;
    // Whoever writes one of the two passes the other one on as it came.
    const bool by_rfc = rules.named_in == config::ClientAddress::forwarded;
    if (by_rfc) {
        walk_forwarded(way, head, rules);
    } else {
        walk_x_forwarded(way, head, rules);
    }
    if (!is_authority(way.host)) way.host = {};
    return way;
}

bool names_a_client(std::string_view field_name) noexcept
{
    return equal_ignoring_case(field_name, "x-forwarded-for") ||
           equal_ignoring_case(field_name, "forwarded");
}

bool names_a_client(const RequestHead& head) noexcept
{
    return std::ranges::any_of(head.fields,
                               [](const Field& field) { return names_a_client(field.name); });
}

Client client_of(const RequestHead& head, const Peer& peer, const ClientRules& rules) noexcept
{
    const auto way = believed_way(head, peer, rules);
    return {way.client(peer), way.is_secure(peer)};
}

} // namespace gatehouse::gateway
