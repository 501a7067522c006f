#pragma once

#include "auth/basics/clock.hpp"
#include "auth/tokens/issuers.hpp"
#include "config/settings/settings.hpp"
#include "gateway/cache/answer_store.hpp"
#include "gateway/compress/encoder_memory.hpp"
#include "gateway/headers/client.hpp"
#include "gateway/headers/header_policy.hpp"
#include "gateway/headers/https_location.hpp"
#include "gateway/headers/treatment.hpp"
#include "gateway/limits/limit_book.hpp"
#include "gateway/observe/said_once.hpp"
#include "gateway/observe/traffic.hpp"
#include "gateway/pipeline/local_endpoint.hpp"
#include "gateway/pipeline/session_renewal.hpp"
#include "gateway/routing/router.hpp"
#include "gateway/runtime/tls_servers.hpp"
#include "gateway/upstream/endpoint_state.hpp"
#include "gateway/upstream/target.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::auth {
class ApiKeyTable;
class FeedLease;
class RevocationTable;
class SeenPairs;
} // namespace gatehouse::auth

namespace gatehouse::gateway {

class EventLog;
class IssuerWatch;
class LogWriter;
class MailRoom;
class TraceExporter;

/// One generation of settings and what is made from them. Immutable, so every worker reads the
/// same one; a reload builds the next and hands it to each worker (Worker::use).
struct Runtime {
    /// `auth_api` answers what lies under `auth.prefix`, and the JWKS. `renewer`: for routes with
    /// `session_cookie`; null: nothing is renewed.
    Runtime(config::Settings chosen, std::shared_ptr<LocalEndpoint> auth_api,
            std::shared_ptr<SessionRenewer> renewer = nullptr, std::uint64_t number = 1,
            TlsServers tls_servers = {});
    Runtime(const Runtime&) = delete;
    Runtime& operator=(const Runtime&) = delete;

    /// The place in `listen` of the one at that address.
    [[nodiscard]] std::optional<std::size_t> listener_at(std::string_view address) const noexcept;

    const std::uint64_t number; // unlike that of any other generation of this gateway
    const config::Settings settings;
    const HeaderPolicy policy;
    const ClientRules clients;
    const Treatments treatments; // by the place of the route
    const Router router;
    const std::vector<UpstreamTarget> upstreams;        // by Route::upstream
    const TlsServers tls_servers;                       // by `listen`, as far as it has them
    const HttpsPlace https;                             // where `redirect_to_https` leads
    const std::string hsts;                             // empty: not sent
    const std::shared_ptr<const auth::Issuers> issuers; // whom routes may believe besides us
    const bool keeps_answers;                           // of some route
    const std::shared_ptr<LocalEndpoint> auth_api;
    const std::shared_ptr<SessionRenewer> renewer;
};

/// What outlives every generation and is shared by all workers. The owner outlives them.
struct SharedRooms {
    SharedRooms(const auth::Clock& wall_clock, const auth::RevocationTable& table,
                LogWriter& writer)
        : clock(wall_clock),
          revocations(table),
          log(writer)
    {
    }

    const auth::Clock& clock;
    const auth::RevocationTable& revocations;
    LogWriter& log;
    /// Set before workers start. Without: nobody is told of what happens to the process.
    EventLog* events = nullptr;
    /// The change feed is behind: routes with `on_stale: deny` refuse. Read on every request.
    std::atomic<bool> feed_is_stale{false};
    /// Set before workers start, where logouts are confirmed.
    const auth::FeedLease* lease = nullptr;
    /// Set before workers start. Without: no API key is known.
    const auth::ApiKeyTable* api_keys = nullptr;
    /// Set before workers start, where it is watched which pairs are in use.
    auth::SeenPairs* seen = nullptr;
    /// Set before workers start. Without: nobody looks for keys of other issuers.
    IssuerWatch* issuers = nullptr;
    /// Set before workers start. Without: no spans are recorded.
    TraceExporter* traces = nullptr;
    /// The same for mails; workers have nothing to do with it.
    MailRoom* mails = nullptr;
    /// Client connections of all workers but operators', for limits.connections. Changed on accept
    /// and close.
    std::atomic<std::uint64_t> open_connections{0};
    /// By ProxyRefusal.
    std::array<SaidOnce, proxy_refusals> said_of_proxies{};
    /// Of a peer that names clients and is not trusted.
    SaidOnce said_of_unheard{};
    /// What workers count of routes and upstreams. Asked when settings change, and by scrapes.
    TrafficBook traffic{};
    /// Which endpoints may be used. Workers come here when settings change.
    EndpointBoard endpoints{clock};
    /// Answers that are kept, of routes with `cache`.
    AnswerStore answers{};
    /// What is being compressed takes together, of routes with `compression`.
    EncoderMemory encoders{};
    /// What all workers count together of those who may ask too much.
    LimitBook limits{};
};

} // namespace gatehouse::gateway
