#pragma once

#include "auth/store/open_store.hpp"
#include "auth/store/postgres/pool.hpp"
#include "config/basics/secret.hpp"

namespace gatehouse::auth::postgres {

/// Which database.
struct Place {
    std::string url{}; // postgres://user@host/database, without a password
    Secret password{}; // empty: PGPASSWORD, ~/.pgpass or none
    /// Whether a server that loses what it acknowledged (fsync or synchronous_commit off) will do.
    bool accept_data_loss = false;
    /// Whether a pooler gives each transaction another session (pgbouncer in transaction mode).
    bool transaction_pooling = false;
    /// Where to listen for changes, past the pooler; empty: there too.
    std::string feed_url{};
};

/// Opens the database, making its tables or bringing them up to date first. The error is a sentence
/// for the operator. A gateway may start before its server: then the store is `unavailable` until
/// the server is there; a server that answers and refuses (password, name, an older program) is an
/// error for both roles. `poll`: how often the feed is asked where it does not tell. `home`: where
/// sessions are, if not there; outlives the store.
[[nodiscard]] Result<std::unique_ptr<Store>, std::string>
open(const Place& place, StoreRole role, PoolLimits limits = {},
     std::chrono::milliseconds poll = StoreOptions{}.poll,
     const FailureReport::Say& on_failure = {}, SessionHome* home = nullptr);

/// What would keep a gateway from using it, if anything would; changes nothing there.
[[nodiscard]] std::optional<std::string> problem_with(const Place& place);

} // namespace gatehouse::auth::postgres
