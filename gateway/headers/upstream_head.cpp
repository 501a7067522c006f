#include "gateway/headers/upstream_head.hpp"

#include "auth/basics/id.hpp"
#include "auth/tokens/told_claims.hpp"
#include "config/basics/enforced.hpp"
#include "gateway/headers/cookies.hpp"
#include "gateway/headers/field_template.hpp"
#include "gateway/headers/forwarding_fields.hpp"
#include "gateway/headers/hop_by_hop.hpp"
#include "gateway/headers/only_value.hpp"
#include "gateway/headers/trace.hpp"
#include "gateway/headers/trace_fields.hpp"
#include "gateway/headers/treatment.hpp"
#include "gateway/http/field_syntax.hpp"
#include "gateway/http/websocket_handshake.hpp"

#include <algorithm>

namespace gatehouse::gateway {
namespace {

/// What becomes of one field of the client.
enum class Fate {
    passed,
    dropped,
    rewritten // written later, in its own place
};

/// The fields of one family name the client, and we write those anew.
bool names_the_way(std::string_view name) noexcept
{
    return equal_ignoring_case(name, "x-forwarded-for") ||
           equal_ignoring_case(name, "x-forwarded-proto") ||
           equal_ignoring_case(name, "x-forwarded-host") ||
           equal_ignoring_case(name, "x-request-id");
}

Fate fate_of_trusted_field(std::string_view name, const ClientRules& clients) noexcept
{
    if (names_the_way(name)) return Fate::rewritten;
    const bool of_rfc = equal_ignoring_case(name, "forwarded");
    // What the proxy does not write is its client's.
    if (enforced("headers.other_family") &&
        (of_rfc || clients.named_in == config::ClientAddress::forwarded))
        return Fate::dropped;
    // Even a trusted proxy passes on what its client sent; only the exact names are its own words.
    const bool exact =
        !enforced("headers.forwarding_alias") ||
        std::ranges::all_of(name, [](char c) { return c == '-' || is_alphanumeric(c); });
    return exact ? Fate::passed : Fate::dropped;
}

Fate fate_of_forwarding_field(std::string_view name, const Forwarding& forwarding) noexcept
{
    if (forwarding.peer.trusted) return fate_of_trusted_field(name, forwarding.clients);
    if (forwarding.unheard != nullptr && names_a_client(name)) *forwarding.unheard = true;
    return enforced("headers.forwarding_names") ? Fate::dropped : Fate::passed;
}

bool is_ours_to_write(std::string_view name) noexcept
{
    return equal_ignoring_case(name, "host") || equal_ignoring_case(name, "expect") ||
           equal_ignoring_case(name, "traceparent");
}

Fate fate_of_transport_field(Transport transport, const Framing& body) noexcept
{
    switch (transport) {
    case Transport::trailer:
        return body.kind == BodyKind::chunked ? Fate::passed : Fate::dropped;
    case Transport::content_length:
    case Transport::transfer_encoding:
        return enforced("headers.client_framing") ? Fate::rewritten : Fate::passed;
    case Transport::hop_by_hop:
        return enforced("headers.hop_by_hop") ? Fate::dropped : Fate::passed;
    case Transport::websocket: // also of what only looks like a handshake: a token may be in it
        return enforced("headers.websocket") ? Fate::rewritten : Fate::passed;
    case Transport::none:
        break;
    }
    return Fate::passed;
}

/// What the route changes; null: nothing.
const HeaderPlan* plan_of(const Admission& admission) noexcept
{
    const auto* treatment = admission.route->treatment;
    return treatment == nullptr ? nullptr : &treatment->request;
}

void write_changes(HeadWriter& out, const RequestHead& head, const Admission& admission,
                   const Forwarding& forwarding)
{
    const auto* plan = plan_of(admission);
    if (plan == nullptr) return;
    const TemplateFacts facts{head,
                              admission,
                              forwarding.peer,
                              forwarding.clients,
                              forwarding.request_id,
                              forwarding.certificate};
    for (const auto& line : plan->lines) write_templated_field(out, line.name, line.value, facts);
}

/// Asked once, and only of a request that has such a field.
class Validity {
public:
    template <class Check>
    [[nodiscard]] bool ask(Check check) noexcept
    {
        if (!asked_) valid_ = check();
        asked_ = true;
        return valid_;
    }

private:
    bool asked_ = false;
    bool valid_ = false;
};

/// The client's own fields on their way through.
class ClientFields {
public:
    ClientFields(const RequestHead& head, const Admission& admission,
                 const Forwarding& forwarding) noexcept
        : head_(head),
          forwarding_(forwarding),
          nominations_(head.fields),
          traceparent_(only_value(head.fields, "traceparent")),
          parent_(is_believed() ? read_traceparent(traceparent_) : std::nullopt),
          keep_authorization_(admission.route->settings->forward_authorization),
          keep_cookies_(admission.route->settings->forward_cookies),
          plan_(plan_of(admission))
    {
    }

    void write(HeadWriter& out) noexcept
    {
        const auto cut = cut_cookies();
        for (const auto& field : head_.fields) {
            if (fate_of(field.name) != Fate::passed) continue;
            if (!cut.empty() && equal_ignoring_case(field.name, "cookie")) {
                write_cookies_without(out, field.name, field.value, cut);
            } else {
                out.field(field.name, field.value);
            }
        }
    }

    void write_trace(HeadWriter& out) const noexcept
    {
        if (forwarding_.trace.own != nullptr) return write_traceparent(out, *forwarding_.trace.own);
        if (parent_) return write_traceparent(out, *parent_, traceparent_);
        write_new_traceparent(out, forwarding_.ids);
    }

private:
    [[nodiscard]] bool is_believed() const noexcept
    {
        return forwarding_.trace.believed || !enforced("headers.trace_trust");
    }

    /// What belongs to the client's trace, and is passed on only with it and only as it came.
    [[nodiscard]] bool is_stray(std::string_view name) noexcept
    {
        if (equal_ignoring_case(name, "tracestate")) {
            return !parent_ || (enforced("headers.tracestate") && !tracestate_.ask([this] {
                return is_valid_tracestate(head_.fields);
            }));
        }
        if (equal_ignoring_case(name, "baggage")) {
            const bool may = forwarding_.trace.with_baggage || !enforced("headers.drop_baggage");
            return !may || (enforced("headers.baggage") &&
                            !baggage_.ask([this] { return is_valid_baggage(head_.fields); }));
        }
        return false;
    }

    [[nodiscard]] Fate fate_of(std::string_view name) noexcept
    {
        if (enforced("headers.identity_names") && is_identity_name(name, forwarding_.policy))
            return Fate::dropped;
        if (is_forwarding_name(name)) return fate_of_forwarding_field(name, forwarding_);
        const auto transport = transport_of(name);
        if (transport != Transport::none)
            return fate_of_transport_field(transport, forwarding_.body);
        if (is_ours_to_write(name)) return Fate::rewritten;
        if (enforced("headers.authorization") && !keep_authorization_ &&
            equal_ignoring_case(name, "authorization"))
            return Fate::dropped;
        if (is_stray(name)) return Fate::dropped;
        if (plan_ != nullptr && plan_->drops(name)) return Fate::dropped;
        return nominations_.remove(name) ? Fate::dropped : Fate::passed;
    }

    /// Whoever lets the cookies with tokens pass has no use for those that name a browser or an
    /// endpoint.
    [[nodiscard]] std::span<const std::string> cut_cookies() const noexcept
    {
        if (!enforced("headers.own_cookie")) return {};
        const std::span names(forwarding_.policy.cookie_names);
        return keep_cookies_ ? names.last(forwarding_.policy.kept_cookies) : names;
    }

    const RequestHead& head_;
    const Forwarding& forwarding_;
    Nominations nominations_;
    std::string_view traceparent_;
    std::optional<TraceParent> parent_; // nothing: a trace begins here
    Validity tracestate_;
    Validity baggage_;
    bool keep_authorization_;
    bool keep_cookies_;
    const HeaderPlan* plan_; // null: nothing is changed
};

void write_request_line(HeadWriter& out, const RequestHead& head, const Admission& admission)
{
    out.put(head.method);
    out.put(' ');
    // Origin-form, and the very path that was judged: no client spelling reaches a backend.
    if (!admission.rewritten.empty()) [[unlikely]] {
        out.put(admission.rewritten);
    } else {
        out.put(forwarded_path(admission.path, admission.route->settings->strip_prefix));
    }
    out.put(admission.query);
    out.put(" HTTP/1.1\r\n");
}

void write_host(HeadWriter& out, const RequestHead& head, const Admission& admission,
                const Forwarding& forwarding)
{
    const bool ours = admission.route->settings->host_header == config::HostHeader::upstream;
    // An HTTP/1.0 client may have sent none, but HTTP/1.1 wants one.
    const bool use_upstream = ours || head.host.empty();
    out.field("Host", use_upstream ? forwarding.upstream_host : head.host);
}

void write_framing(HeadWriter& out, const Forwarding& forwarding)
{
    if (forwarding.body.kind == BodyKind::chunked) {
        out.put("Transfer-Encoding: chunked\r\n");
    } else if (forwarding.body.kind == BodyKind::length) {
        out.put("Content-Length: ");
        out.put_number(forwarding.body.length);
        out.put("\r\n");
    }
    if (forwarding.expect_continue) out.put("Expect: 100-continue\r\n");
}

/// The handshake as ours, with what the client may choose of it: its key, extensions, and protocols
/// but for the one that was a token.  RFC 6455, 4.1
void write_handshake(HeadWriter& out, const RequestHead& head)
{
    out.put("Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n");
    out.field("Sec-WebSocket-Key", only_value(head.fields, "sec-websocket-key"));
    for (const auto& field : head.fields) {
        if (equal_ignoring_case(field.name, "sec-websocket-extensions"))
            out.field("Sec-WebSocket-Extensions", field.value);
    }
    bool begun = false;
    for_each_offered_protocol(head.fields, [&](std::string_view protocol) {
        out.put(std::exchange(begun, true) ? ", " : "Sec-WebSocket-Protocol: ");
        out.put(protocol);
    });
    if (begun) out.put("\r\n");
}

void write_roles(HeadWriter& out, const auth::Principal& principal)
{
    out.put("X-User-Roles: ");
    bool begun = false;
    for (const auto& role : principal.roles) {
        if (enforced("headers.safe_roles") && !auth::is_header_safe_id(role)) continue;
        if (begun) out.put(',');
        out.put(role);
        begun = true;
    }
    out.put("\r\n");
}

/// Made once for each token: here they are only copied.
void write_claims(HeadWriter& out, const HeaderPolicy& policy, const auth::ToldClaims& told)
{
    const auto count = std::min(policy.claim_headers.size(), told.texts.size());
    for (std::size_t i = 0; i < count; ++i) {
        if (!told.texts[i].empty()) out.field(policy.claim_headers[i], told.texts[i]);
    }
}

} // namespace

void write_identity_fields(HeadWriter& out, const HeaderPolicy& policy,
                           const auth::Principal& principal) noexcept
{
    // The verifier takes no such subject; this is the place where it would do harm.
    const bool has_session = principal.api_key.empty() && principal.issuer == 0;
    const bool safe = auth::is_header_safe_id(principal.user_id) &&
                      (!has_session || auth::is_header_safe_id(principal.session_id));
    if (enforced("headers.safe_identity") && !safe) return;
    if (policy.session_header && has_session) out.field("X-Session-Id", principal.session_id);
    if (policy.roles_header) write_roles(out, principal);
    if (principal.proof) out.field(policy.proof_header, *principal.proof);
    if (principal.told) write_claims(out, policy, *principal.told);
    out.field(policy.identity_header, principal.user_id);
}

void write_upstream_head(HeadWriter& out, const RequestHead& head, const Admission& admission,
                         const Forwarding& forwarding) noexcept
{
    write_request_line(out, head, admission);
    write_host(out, head, admission, forwarding);
    ClientFields client{head, admission, forwarding};
    client.write(out);
    write_changes(out, head, admission, forwarding);
    write_framing(out, forwarding);
    if (admission.upgrade) write_handshake(out, head);
    write_forwarding_fields(out, head, forwarding);
    client.write_trace(out);
    if (forwarding.certificate != nullptr) write_certificate_fields(out, *forwarding.certificate);
    if (admission.principal != nullptr)
        write_identity_fields(out, forwarding.policy, *admission.principal);
    out.put("\r\n");
}

} // namespace gatehouse::gateway
