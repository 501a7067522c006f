#pragma once

#include "gateway/headers/header_policy.hpp"

#include <string_view>

namespace gatehouse::gateway {

/// Whether a trailer may be passed on, in either direction. Never: identity names in any spelling,
/// framing, routing, credentials, content description, hop-by-hop and forwarding names.
/// R5; RFC 9110, 6.5.1
[[nodiscard]] bool is_forwardable_trailer(std::string_view name,
                                          const HeaderPolicy& policy) noexcept;

} // namespace gatehouse::gateway
