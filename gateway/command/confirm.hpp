#pragma once

#include "auth/store/open_stores.hpp"
#include "config/settings/settings.hpp"

namespace gatehouse::gateway {

/// With `logout: confirmed`: blocks until every gateway that serves refuses what has ended by now,
/// in the store and where sessions are, just as long as a gateway that is asked for a logout does.
void wait_until_confirmed(const auth::OpenStores& stores, const config::Settings& settings);

} // namespace gatehouse::gateway
