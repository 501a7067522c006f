#pragma once

#include "auth/store/store.hpp"

#include <memory>

namespace gatehouse::auth::redis {

/// Accounts in memory and sessions in Redis, written in the order that RedisSessions asks for. The
/// sessions are in memory too, and each answer of Redis must be the same: an exception tells where
/// it is not. For the shared contract tests.
[[nodiscard]] std::unique_ptr<Store> open_two_stores();

/// The same with the feed and the book that are in Redis, which say nothing of accounts.
[[nodiscard]] std::unique_ptr<Store> open_two_stores_with_feed();

} // namespace gatehouse::auth::redis
