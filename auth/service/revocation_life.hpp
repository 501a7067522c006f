#pragma once

#include "auth/basics/clock.hpp"
#include "config/settings/identity.hpp"

namespace gatehouse::auth {

/// Until when a session that ended at `now` has to be refused: its last access token may have been
/// made a moment ago by a replica whose clock is ahead, and is honoured for the leeway after that.
[[nodiscard]] inline Seconds refused_until(const config::TokenSettings& tokens, Seconds now)
{
    return now + tokens.access_ttl + tokens.leeway + tokens.max_ahead + std::chrono::seconds(1);
}

} // namespace gatehouse::auth
