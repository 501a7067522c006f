#pragma once

#include "gateway/http/head.hpp"
#include "gateway/net/task.hpp"
#include "gateway/pipeline/refusal.hpp"

#include <sys/types.h>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::auth {
class StoreNotes;
}

namespace gatehouse::gateway {

struct DecisionRooms;

/// A request that this gateway answers itself: the auth API, the probes, the metrics. Views stay
/// valid until the answer has been written.
struct LocalRequest {
    std::string_view method;
    std::string_view path;  // normalised, without the query
    std::string_view query; // without the '?'
    std::span<const Field> fields;
    std::string_view body; // whole
    /// Objects and arrays that may stand inside one another in it (`auth.max_depth`).
    std::size_t body_depth = 16;
    /// Who sits at the other end of the connection, and whom a trusted proxy says it speaks for;
    /// the same address when nobody in between is trusted.
    std::string_view peer_address;
    std::string_view client_address;
    bool peer_is_trusted = false; // the peer is in `trusted_proxies`
    bool secure = false;          // the client came over TLS
    /// The user at the other end of a unix socket; nothing: it came over TCP. Known for endpoints
    /// of an admin listener alone.
    std::optional<uid_t> unix_user{};
    /// That unix socket, for what HTTP cannot say; -1 with the above.
    int unix_socket = -1;
    std::string_view host;
    std::string_view request_id;
    /// What this worker decides with: for calls that need a bearer, and for /auth/verify. Only to
    /// be used before the first suspension, and never kept.
    const DecisionRooms* deciding = nullptr;
    /// Where calls to stores are noted, by one thread at a time; null: nobody wants to know.
    auth::StoreNotes* notes = nullptr;
};

/// The answer. Content-Length, Connection, Date and X-Request-Id are written by serve().
struct LocalResponse {
    unsigned status = 200;
    std::vector<std::pair<std::string, std::string>> fields;
    std::string body;
    std::string user_id; // for the access log; empty: nobody
    /// What a route with `report_only` would have refused the request that was asked about with.
    std::optional<RefusalCode> would_refuse{};
    /// Set: this refusal is the answer, in the one shape all refusals have; `fields` (cookies,
    /// CORS) go with it, `status` and `body` do not count.
    std::optional<Refusal> refusal;
};

/// Where requests for the gateway itself end. One object serves every worker at the same time, so
/// answer() keeps no state of one request in it. Blocking work goes through offload().
class LocalEndpoint {
public:
    virtual ~LocalEndpoint() = default;
    virtual Task<LocalResponse> answer(const LocalRequest& request) = 0;
};

} // namespace gatehouse::gateway
