#pragma once

#include "gateway/upstream/connect.hpp"

#include <string>

namespace gatehouse::gateway {

class TlsSession;

using Secured = Result<void, RefusalCode>;

/// Begins TLS on a socket that has just been connected to `target`, before connecting.limit passes:
/// afterwards it is known who is there, and HTTP/1.1 is what is spoken. Errors:
/// upstream_unreachable, upstream_timeout; then the socket is of no use, and connecting.reason says
/// why.
[[nodiscard]] Task<Secured> shake_hands(Socket& socket, const EndpointTarget& target,
                                        const Connecting& connecting);

/// For operators; empty while nothing has failed.
[[nodiscard]] std::string reason_of(const TlsSession& tls, const std::string& server_name);

} // namespace gatehouse::gateway
