#pragma once

#include "auth/redis/pool.hpp"
#include "auth/store/open_store.hpp"
#include "config/settings/redis.hpp"

namespace gatehouse::auth::redis {

/// Opens what `sessions.store` names. The error is a sentence for the operator. A gateway may start
/// before its Redis: then calls are refused until it is there; one that answers and will not do
/// (a password, a replica, a setting: see fitness.hpp) is an error for both roles.
[[nodiscard]] Result<std::unique_ptr<Pool>, std::string> open(std::string_view url,
                                                              const config::RedisSettings& settings,
                                                              StoreRole role, PoolLimits limits,
                                                              FailureReport::Say on_failure = {});

/// What would keep a gateway from using it, if anything would; changes nothing there.
[[nodiscard]] std::optional<std::string> problem_with(std::string_view url,
                                                      const config::RedisSettings& settings);

} // namespace gatehouse::auth::redis
