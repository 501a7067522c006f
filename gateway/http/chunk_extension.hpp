#pragma once

#include <string_view>

namespace gatehouse::gateway {

/// True for what may stand between a chunk's size and the CRLF: nothing, or extensions of the
/// grammar of RFC 9112, 7.1.1: *( BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] ).
[[nodiscard]] bool is_chunk_extensions(std::string_view text) noexcept;

} // namespace gatehouse::gateway
