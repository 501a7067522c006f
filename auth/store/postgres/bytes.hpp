#pragma once

#include <span>
#include <string>
#include <string_view>

namespace gatehouse::auth::postgres {

// Names, ids and whatever clients sent are kept as BYTEA: any byte may be in them, and they compare
// byte by byte, in whatever locale the server was set up with.

/// The bytes as PostgreSQL reads them from text: `\x6869`.
[[nodiscard]] std::string to_bytea(std::string_view bytes);
/// What to_bytea wrote, or the server with `bytea_output = hex`; anything else gives no bytes.
[[nodiscard]] std::string from_bytea(std::string_view text);
/// Several of them as the text of a BYTEA[].
[[nodiscard]] std::string to_bytea_array(std::span<const std::string> strings);

} // namespace gatehouse::auth::postgres
