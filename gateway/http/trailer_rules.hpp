#pragma once

#include <string_view>

namespace gatehouse::gateway {

/// Whether a trailer of this name may travel on (RFC 9110, 6.5.1; SECURITY.md R5). Not: what
/// frames, routes, authenticates, modifies the request or says how to read the body, what this
/// gateway adds itself, and `own_names` (with commas between them), all in any spelling that a
/// backend may fold.
[[nodiscard]] bool may_be_trailer(std::string_view name, std::string_view own_names) noexcept;

} // namespace gatehouse::gateway
