#pragma once

#include "config/basics/secret.hpp"

#include <string>
#include <string_view>

namespace gatehouse::auth::postgres {

/// The URL that libpq is given: what the operator wrote, with the password and with our defaults
/// for what they left open: connect_timeout 2 (the least there is), a server that can be written
/// to, keep-alive probes that notice a dead peer in a minute. A pooler tells what it once heard of
/// its server, so through one (`pooled`) any server will do for libpq.
[[nodiscard]] Secret address_for(std::string_view url, const Secret& password, bool pooled = false);

} // namespace gatehouse::auth::postgres
