#include "gateway/headers/forwarding_fields.hpp"

#include "gateway/http/field_syntax.hpp"

namespace gatehouse::gateway {
namespace {

constexpr std::string_view forwarded_for = "X-Forwarded-For";

/// All that a trusted peer says of those in front of it, as it came.
void write_what_was_said(HeadWriter& out, const RequestHead& head)
{
    for (const auto& field : head.fields) {
        if (!equal_ignoring_case(field.name, forwarded_for) || field.value.empty()) continue;
        out.put(field.value);
        out.put(", ");
    }
}

void write_forwarded_for(HeadWriter& out, const RequestHead& head, const Forwarding& forwarding,
                         const Way& way)
{
    out.put(forwarded_for);
    out.put(": ");
    if (forwarding.clients.named_in == config::ClientAddress::x_forwarded_for) {
        write_what_was_said(out, head);
    } else {
        for (auto place = way.count; place > 0; --place) {
            out.put(way.hops[place - 1]);
            out.put(", ");
        }
    }
    out.put(forwarding.peer.address);
    out.put("\r\n");
}

/// `for=192.0.2.1`, or in quotes what is no token.  RFC 7239, 6
void write_node(HeadWriter& out, std::string_view address)
{
    if (!is_address(address)) return out.put("for=unknown");
    const bool v6 = address.find(':') != address.npos;
    out.put(v6 ? "for=\"[" : "for=");
    out.put(address);
    if (v6) out.put("]\"");
}

/// The believed way, the client first; what it asked for goes with it.  RFC 7239
void write_forwarded(HeadWriter& out, const Way& way, const Peer& peer, std::string_view host)
{
    out.put("Forwarded: ");
    write_node(out, way.client(peer));
    if (!host.empty()) {
        out.put(";host=\"");
        out.put(host);
        out.put('"');
    }
    out.put(way.is_secure(peer) ? ";proto=https" : ";proto=http");
    for (auto place = way.count; place > 0; --place) {
        out.put(", ");
        write_node(out, place > 1 ? way.hops[place - 2] : peer.address);
    }
    out.put("\r\n");
}

void write_way(HeadWriter& out, const RequestHead& head, const Forwarding& forwarding)
{
    const auto& peer = forwarding.peer;
    const auto way = believed_way(head, peer, forwarding.clients);
    const auto host = way.host.empty() ? head.host : way.host;
    if (peer.trusted) {
        write_forwarded_for(out, head, forwarding, way);
    } else {
        out.field(forwarded_for, peer.address);
    }
    out.field("X-Forwarded-Proto", way.is_secure(peer) ? "https" : "http");
    if (!host.empty()) out.field("X-Forwarded-Host", host);
    if (forwarding.clients.send_forwarded) write_forwarded(out, way, peer, host);
}

} // namespace

void write_forwarding_fields(HeadWriter& out, const RequestHead& head, const Forwarding& forwarding)
{
    const auto& peer = forwarding.peer;
    out.field("X-Request-Id", forwarding.request_id);
    if (peer.trusted || forwarding.clients.send_forwarded) return write_way(out, head, forwarding);
    out.field(forwarded_for, peer.address);
    out.field("X-Forwarded-Proto", peer.tls ? "https" : "http");
    if (!head.host.empty()) out.field("X-Forwarded-Host", head.host);
}

} // namespace gatehouse::gateway
