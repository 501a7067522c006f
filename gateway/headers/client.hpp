#pragma once

#include "gateway/headers/networks.hpp"
#include "gateway/http/head.hpp"

#include <string_view>

namespace gatehouse::gateway {

/// Who sent a request, as far as that can be trusted.
struct Client {
    std::string_view address; // for throttles and logs
    bool secure = false;      // https on the client's side
};

/// The peer itself, unless the peer is trusted: then the last address in X-Forwarded-For that is
/// not a trusted proxy, and the scheme of X-Forwarded-Proto.  R24, R53
[[nodiscard]] Client client_of(const RequestHead& head, std::string_view peer_address,
                               bool peer_trusted, bool tls, const Networks& trusted) noexcept;

} // namespace gatehouse::gateway
