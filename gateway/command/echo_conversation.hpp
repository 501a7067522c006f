#pragma once

#include "gateway/http/head.hpp"

#include <cstdint>
#include <string>

namespace gatehouse::gateway {

/// Answers requests on a connected socket until the other side closes it, asks for the end, or
/// sends what is no request. Blocks.
void converse(int socket);

/// What the echo service says to a request.
[[nodiscard]] std::string echo_body(const RequestHead& head, std::uint64_t body_bytes);

} // namespace gatehouse::gateway
