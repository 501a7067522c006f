#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// Messages of one size, each in one frame (RFC 6455, 5.2). What is in them does not matter, so
/// both ends only count bytes.
namespace gatehouse::bench {

/// The key of every handshake here, and what answers it (RFC 6455, 1.3).
inline constexpr std::string_view websocket_key = "dGhlIHNhbXBsZSBub25jZQ==";
inline constexpr std::string_view websocket_accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/// Of 126 to 65,535 bytes. Clients mask.
inline std::string websocket_message(std::size_t bytes, bool masked)
{
    std::string frame{'\x82', static_cast<char>(masked ? 0xfe : 0x7e),
                      static_cast<char>(bytes >> 8), static_cast<char>(bytes)};
    if (masked) frame.append(4, '\0');
    return frame.append(bytes, 'x');
}

} // namespace gatehouse::bench
