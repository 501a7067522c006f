#pragma once

#include "config/basics/result.hpp"
#include "gateway/net/resolver.hpp"
#include "gateway/net/timers.hpp"
#include "gateway/net/waiter.hpp"
#include "gateway/pipeline/refusal.hpp"
#include "gateway/upstream/endpoint_pool.hpp"

#include <chrono>
#include <memory>
#include <span>
#include <string>

namespace gatehouse::gateway {

/// What connecting needs: whose event loop, and who waits, for how long.
struct Connecting {
    asio::io_context& io;
    Timers& timers;
    Resolver& resolver;
    Waiter& waiter;
    Deadline& limit;
    std::chrono::milliseconds patience;     // of it: for names, addresses and handshake together
    std::span<const SocketAddress> known{}; // of the name; none: it is resolved
    std::string* reason = nullptr;   // where it is told, for operators, what went wrong with TLS
    TlsSessions* sessions = nullptr; // of TLS that may be resumed; they outlive the socket
};

using Opened = Result<Socket, RefusalCode>;

/// Opens a connection to `target` before connecting.limit passes, which the caller has armed, with
/// TLS where it is secure; of a name with several addresses the first that answers, each of which
/// is given its share of the time. Errors as below.
[[nodiscard]] Task<Opened> open_socket(const EndpointTarget& target, const Connecting& connecting);

using Connected = Result<std::unique_ptr<UpstreamConnection>, RefusalCode>;

/// Opens a connection to the pool's endpoint within connecting.patience. Errors:
/// upstream_unreachable, upstream_timeout, overloaded (no descriptor left).
[[nodiscard]] Task<Connected> connect(EndpointPool& pool, const Connecting& connecting);

} // namespace gatehouse::gateway
