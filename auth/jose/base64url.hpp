#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::auth::jose {

/// base64url without padding (RFC 4648, 5; RFC 7515, 2).
[[nodiscard]] std::string encode_base64url(std::string_view bytes);
void append_base64url(std::string& out, std::string_view bytes);

/// Only the one canonical spelling of each byte string: no padding, no white space, no character
/// outside the alphabet, unused bits zero. So two different texts never decode to the same bytes.
[[nodiscard]] std::optional<std::string> decode_base64url(std::string_view text);

} // namespace gatehouse::auth::jose
