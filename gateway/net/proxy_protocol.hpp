#pragma once

#include "config/basics/result.hpp"
#include "gateway/net/address.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <ostream>
#include <string_view>

namespace gatehouse::gateway {

/// The header that a proxy sends in front of a connection, to say for whom it was made.
struct ProxyHeader {
    std::size_t bytes = 0; // of the connection; what comes behind is the client's
    /// Nothing: the proxy speaks for itself (LOCAL), or does not know (UNKNOWN, UNSPEC), or its
    /// client has no such address (a unix socket). Then the peer's own address counts.
    std::optional<SocketAddress> source;
};

/// Why a connection is not let in where such a header is wanted.
enum class ProxyRefusal : std::uint8_t {
    missing,   // something else was sent
    malformed, // it begins like one
    too_long,  // for longest_proxy_header
    checksum,  // its CRC32C does not hold
    // What no header says by itself:
    untrusted, // from a peer whose word does not count
    late       // it was not whole in time
};

inline constexpr std::size_t proxy_refusals = 6;

[[nodiscard]] std::string_view to_string(ProxyRefusal why) noexcept;
std::ostream& operator<<(std::ostream& out, ProxyRefusal why);

/// Room for certificates' names and what clouds add; the addresses take at most 232 bytes.
inline constexpr std::size_t longest_proxy_header = 4096;

/// Reads a header of version 1 or 2 off the beginning of what has arrived. Nothing: it is not whole
/// yet. Errors, of the first four, are final and come with the first byte that no header has.
/// https://www.haproxy.org/download/2.9/doc/proxy-protocol.txt
[[nodiscard]] Result<std::optional<ProxyHeader>, ProxyRefusal>
read_proxy_header(std::string_view arrived) noexcept;

} // namespace gatehouse::gateway
