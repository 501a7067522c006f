#pragma once

#include "auth/store/postgres/open.hpp"
#include "auth/store/store_status.hpp"

namespace gatehouse::auth::postgres {

/// What is there, read in one snapshot; makes and changes nothing. The error is a sentence for the
/// operator.
[[nodiscard]] Result<StoreStatus, std::string> status_of(const Place& place, Millis now);

} // namespace gatehouse::auth::postgres
