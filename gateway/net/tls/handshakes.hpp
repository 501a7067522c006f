#pragma once

#include <openssl/types.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gatehouse::gateway {

/// What became of a client's handshake.
enum class HandshakeEnd : std::uint8_t {
    full_1_2,
    resumed_1_2,
    full_1_3,
    resumed_1_3,
    refused,    // no common version, cipher or protocol, a bad certificate, or no TLS at all
    left,       // the client closed without a word
    late,       // deadlines.head
    plain_http, // a request where a handshake belongs
    overloaded, // none was begun
};

inline constexpr std::size_t handshake_ends = 9;

/// `full`, `resumed`, `refused`, ...; and `1.2`, `1.3` or nothing.
[[nodiscard]] std::string_view result_of(HandshakeEnd end) noexcept;
[[nodiscard]] std::string_view version_of(HandshakeEnd end) noexcept;

[[nodiscard]] constexpr bool is_resumed(HandshakeEnd end) noexcept
{
    return end == HandshakeEnd::resumed_1_2 || end == HandshakeEnd::resumed_1_3;
}

/// Of one that succeeded.
[[nodiscard]] HandshakeEnd end_of_handshake(const SSL& ssl) noexcept;

} // namespace gatehouse::gateway
