#include "gateway/headers/forwarding_fields.hpp"

#include "gateway/http/field_syntax.hpp"

#include <algorithm>

namespace gatehouse::gateway {
namespace {

bool sends(const RequestHead& head, std::string_view name)
{
    return std::ranges::any_of(
        head.fields, [name](const Field& field) { return equal_ignoring_case(field.name, name); });
}

/// What a trusted peer says of those in front of it, then the peer.
void write_forwarded_for(HeadWriter& out, const RequestHead& head, const Forwarding& forwarding)
{
    constexpr std::string_view name = "X-Forwarded-For";
    if (!forwarding.peer_trusted) return out.field(name, forwarding.peer_address);
    out.put(name);
    out.put(": ");
    for (const auto& field : head.fields) {
        if (!equal_ignoring_case(field.name, name) || field.value.empty()) continue;
        out.put(field.value);
        out.put(", ");
    }
    out.put(forwarding.peer_address);
    out.put("\r\n");
}

} // namespace

void write_forwarding_fields(HeadWriter& out, const RequestHead& head, const Forwarding& forwarding)
{
    const bool trusted = forwarding.peer_trusted;
    out.field("X-Request-Id", forwarding.request_id);
    write_forwarded_for(out, head, forwarding);
    if (!trusted || !sends(head, "x-forwarded-proto"))
        out.field("X-Forwarded-Proto", forwarding.tls ? "https" : "http");
    if ((!trusted || !sends(head, "x-forwarded-host")) && !head.host.empty())
        out.field("X-Forwarded-Host", head.host);
}

} // namespace gatehouse::gateway
