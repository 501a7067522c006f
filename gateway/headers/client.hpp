#pragma once

#include "config/settings/settings.hpp"
#include "gateway/headers/forwarded.hpp"
#include "gateway/headers/networks.hpp"
#include "gateway/http/head.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gatehouse::gateway {

/// What the settings say of who may name a client, and how.
struct ClientRules {
    ClientRules() = default;
    explicit ClientRules(const config::Settings& settings);

    Networks trusted;
    config::ClientAddress named_in = config::ClientAddress::x_forwarded_for;
    bool send_forwarded = false;
};

/// Who sits at the other end of a connection.
struct Peer {
    std::string_view address; // without port
    bool trusted = false;     // in `trusted_proxies`
    bool tls = false;         // of this connection
};

/// The way a request came, as far as it is believed: from the peer back, each trusted hop vouches
/// for the one before it. Views into the head.  R24, R53
struct Way {
    enum class End : std::uint8_t {
        peer_not_trusted, // nothing was looked at
        nothing_said,     // the peer, or the last trusted hop, names nobody
        stranger,         // reached one who is not trusted: the client
        hidden,           // the last trusted hop does not want to tell (`unknown`, `_x`)
        unreadable        // what stands there is no address
    };

    std::array<std::string_view, most_hops> hops; // addresses, the nearest first
    std::size_t count = 0;
    std::string_view proto; // as the client spoke to the first believed hop; empty: not said
    std::string_view host;  // the same; always one that Host could name
    End end = End::peer_not_trusted;

    /// The client, as far as that is known.
    [[nodiscard]] std::string_view client(const Peer& peer) const noexcept
    {
        return count == 0 ? peer.address : hops[count - 1];
    }

    [[nodiscard]] bool is_secure(const Peer& peer) const noexcept;
};

[[nodiscard]] Way believed_way(const RequestHead& head, const Peer& peer,
                               const ClientRules& rules) noexcept;

/// The field says who the client is.
[[nodiscard]] bool names_a_client(std::string_view field_name) noexcept;
/// One of them does.
[[nodiscard]] bool names_a_client(const RequestHead& head) noexcept;

/// Who sent a request, as far as that can be trusted.
struct Client {
    std::string_view address; // for throttles and logs
    bool secure = false;      // https on the client's side
};

/// The peer itself, unless the peer is trusted: then the end of the believed way.
[[nodiscard]] Client client_of(const RequestHead& head, const Peer& peer,
                               const ClientRules& rules) noexcept;

} // namespace gatehouse::gateway
