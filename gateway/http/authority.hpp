#pragma once

#include <string_view>

namespace gatehouse::gateway {

/// True for `host` or `host:port`, the only things that Host or an absolute target may name: a
/// DNS name or IPv4 address of letters, digits, `-._~`, or a bracketed IPv6 address without a
/// zone; a port of 1 to 65535. User information, escapes and delimiters are no host here, though
/// RFC 3986 would let some of them pass: no client needs them, and backends differ over them.
[[nodiscard]] bool is_authority(std::string_view text) noexcept;

} // namespace gatehouse::gateway
