#pragma once

#include <string>
#include <string_view>

namespace gatehouse::auth {

/// RFC 4648, 6, without padding: how authenticator apps take a secret.
[[nodiscard]] std::string encode_base32(std::string_view bytes);

} // namespace gatehouse::auth
