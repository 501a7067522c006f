#pragma once

#include "auth/redis/pool.hpp"
#include "auth/store/open_store.hpp"
#include "config/settings/settings.hpp"

namespace gatehouse::auth {

/// Everything a process keeps something in.
struct OpenStores {
    /// Of calls to the store, and to the Redis; null for a command.
    struct Meters {
        Meters(std::size_t store_connections, StoreMeter::System system)
            : store(store_connections, system),
              sessions(redis::PoolLimits{}.connections, StoreMeter::System::redis)
        {
        }

        StoreMeter store;
        StoreMeter sessions;
    };

    std::unique_ptr<Meters> meters{};
    /// Null: sessions are with the accounts. Whatever else goes to that Redis shares it.
    std::unique_ptr<redis::Pool> redis{};
    std::unique_ptr<SessionHome> sessions{}; // null with it
    /// Null with it, and for a command: what ended there alone, which the store does not tell of.
    std::unique_ptr<ChangeFeed> sessions_feed{};
    std::unique_ptr<ReplicaBook> sessions_book{}; // null with that
    std::unique_ptr<SharedStates> states{};       // null with it
    std::unique_ptr<Store> store{};               // last: it uses the others

    /// Those of the Redis, or else the store's; null where one process serves.
    [[nodiscard]] SharedStates* shared_states() const noexcept
    {
        return states ? states.get() : store->shared_states();
    }
};

/// Opens what the settings name as `store` and, where they do, as `sessions.store`. The error is a
/// sentence for the operator.
[[nodiscard]] Result<OpenStores, std::string>
open_stores(const config::Settings& settings, StoreRole role, StoreOptions options = {});

/// What would keep a gateway from using the Redis of `sessions.store`, found without changing
/// anything there.
[[nodiscard]] std::optional<std::string> problem_with_sessions(const config::Settings& settings);

/// What a gateway that starts now refuses: by the store, and by the Redis where sessions end.
[[nodiscard]] Result<ChangeFeed::Standing, StoreError>
standing_of_stores(const OpenStores& stores, const config::Settings& settings, Millis now);

/// As status_of_store, with the sessions counted where they are.
[[nodiscard]] Result<StoreStatus, std::string> status_of_stores(const config::Settings& settings,
                                                                Millis now);

} // namespace gatehouse::auth
