#pragma once

#include "gateway/headers/certificate_fields.hpp"
#include "gateway/headers/client.hpp"
#include "gateway/headers/forwarded_path.hpp"
#include "gateway/headers/head_writer.hpp"
#include "gateway/headers/header_policy.hpp"
#include "gateway/headers/request_ids.hpp"
#include "gateway/headers/trace.hpp"
#include "gateway/http/head.hpp"
#include "gateway/pipeline/decision.hpp"

#include <string_view>

namespace gatehouse::gateway {

/// What an upstream is told of the trace that a request belongs to.
struct TraceTold {
    bool believed = true;          // the client's trace goes on, with all that belongs to it
    bool with_baggage = true;      // so does what its baggage says
    const TraceIds* own = nullptr; // of a span of ours, which then is the one that asks
};

/// What the head of a forwarded request needs besides the client's own head.
struct Forwarding {
    const HeaderPolicy& policy;
    IdSource& ids;                  // a new trace begins here when the client brought none
    Peer peer;                      // the downstream connection
    const ClientRules& clients;     // whom it may speak for
    std::string_view request_id;    // RequestId::text()
    std::string_view upstream_host; // authority of the endpoint, for `host_header: upstream`
    Framing body;                   // how the body will be sent: none, length or chunked
    bool expect_continue = false;   // let the upstream say when the body may come
    TraceTold trace{};
    bool* unheard = nullptr; // becomes true: a peer that is not trusted named a client
    const ShownCertificate* certificate = nullptr; // on the connection of the request
};

/// The request head as the upstream gets it: origin-form target as judged, one Host, end-to-end
/// fields in their order, then what this gateway adds, its identity fields last. Hop-by-hop fields,
/// owned names in every spelling, our credentials and the client's framing are left out.
/// Allocates nothing; look at out.overflowed().  R8, R9, R20 to R22; RFC 9110, 7.6
void write_upstream_head(HeadWriter& out, const RequestHead& head, const Admission& admission,
                         const Forwarding& forwarding) noexcept;

/// The identity fields alone: they end every forwarded head, and /auth/verify answers with them.
/// A role that could not stand in a comma-separated list is left out; a user or session id that
/// could not stand in a header leaves out all of them.  R22
void write_identity_fields(HeadWriter& out, const HeaderPolicy& policy,
                           const auth::Principal& principal) noexcept;

} // namespace gatehouse::gateway
