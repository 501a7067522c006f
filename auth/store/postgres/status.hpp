#pragma once

#include "auth/store/kept_keys.hpp"
#include "auth/store/postgres/open.hpp"
#include "auth/store/store_status.hpp"

namespace gatehouse::auth::postgres {

/// What is there, read in one snapshot; makes and changes nothing. The error is a sentence for the
/// operator.
[[nodiscard]] Result<StoreStatus, std::string> status_of(const Place& place, Millis now);

/// The keys kept under `name`, if there are any; makes and changes nothing either.
[[nodiscard]] Result<std::optional<KeptKeys::Kept>, std::string>
kept_keys_of(const Place& place, std::string_view name);

} // namespace gatehouse::auth::postgres
