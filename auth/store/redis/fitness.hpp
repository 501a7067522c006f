#pragma once

#include "auth/redis/connection.hpp"

namespace gatehouse::auth::redis {

/// Whether sessions are safe with this server. Trouble::unfit, and a sentence that tells all that
/// is wrong and the way out: a version or kind of server that we do not know how to use, one that
/// may evict sessions, and, unless `accept_data_loss`, one that may forget what it acknowledged or
/// does not tell. Asks and changes nothing.
[[nodiscard]] Result<void, Failure> require_fit(Connection& connection, bool accept_data_loss,
                                                Deadline deadline);

} // namespace gatehouse::auth::redis
