#include "auth/store/postgres/postgres_store.hpp"
#include "auth/store/postgres/records.hpp"
#include "auth/store/string_list.hpp"

#include <algorithm>
#include <iterator>

namespace gatehouse::auth::postgres {

namespace {

[[nodiscard]] Change change_from(const Rows& row)
{
    Change change;
    change.sequence = static_cast<std::uint64_t>(row.integer(0));
    change.kind = static_cast<ChangeKind>(row.integer(1));
    change.subject = row.bytes(2);
    change.roles = split_list(row.bytes(3));
    change.at = row.millis(4);
    return change;
}

[[nodiscard]] std::vector<std::string> ids(Rows rows)
{
    std::vector<std::string> all;
    while (rows.next()) all.push_back(rows.bytes(0));
    return all;
}

/// What has no row of its own here: the feed is kept for longer than any of their tokens lives.
[[nodiscard]] std::vector<std::string> ended_elsewhere(Connection& connection, Millis ended_after)
{
    return ids(connection.query("SELECT subject FROM gatehouse.changes "
                                "WHERE kind = $1 AND at_ms > $2 AND NOT EXISTS "
                                "(SELECT 1 FROM gatehouse.sessions WHERE id = subject)",
                                static_cast<int>(ChangeKind::session_ended), ended_after));
}

} // namespace

PostgresStore::PostgresStore(std::unique_ptr<Pool> pool, std::unique_ptr<Pool> direct,
                             std::chrono::milliseconds poll, SessionHome* home)
    : home_(home),
      pool_(std::move(pool)),
      direct_(std::move(direct)),
      watch_(*pool_, direct_.get(), poll),
      states_(*pool_)
{
}

Result<std::vector<Change>, StoreError> PostgresStore::changes_after(std::uint64_t after,
                                                                     std::size_t limit)
{
    using News = Result<std::vector<Change>, StoreError>;
    return pool_->run(Access::statement, [&](Connection& connection) -> News {
        auto rows = connection.query("SELECT sequence, kind, subject, roles, at_ms "
                                     "FROM gatehouse.changes "
                                     "WHERE sequence > $1 ORDER BY sequence LIMIT $2",
                                     after, limit);
        std::vector<Change> changes;
        while (rows.next()) changes.push_back(change_from(rows));
        return changes;
    });
}

Result<void, StoreError> PostgresStore::announce_keys(Millis now)
{
    return pool_->run(Access::write, [&](Connection& connection) -> Result<void, StoreError> {
        add_change(connection, ChangeKind::keys_changed, {}, now);
        return {};
    });
}

Result<bool, StoreError> PostgresStore::wait_for_changes(std::chrono::milliseconds wait)
{
    return watch_.wait(wait);
}

void PostgresStore::stop_waiting() noexcept
{
    watch_.stop();
}

Result<ChangeFeed::Standing, StoreError> PostgresStore::standing(Millis ended_after)
{
    return pool_->run(Access::survey, [&](Connection& connection) -> Result<Standing, StoreError> {
        Standing standing;
        standing.ended_sessions = ids(
            connection.query("SELECT id FROM gatehouse.sessions WHERE ended_ms > $1", ended_after));
        if (home_ != nullptr) {
            std::ranges::move(ended_elsewhere(connection, ended_after),
                              std::back_inserter(standing.ended_sessions));
        }
        standing.blocked_users =
            ids(connection.query("SELECT id FROM gatehouse.users WHERE blocked"));
        auto roles = connection.query(
            "SELECT id, roles FROM gatehouse.users WHERE roles_changed_ms > $1", ended_after);
        while (roles.next()) {
            standing.changed_roles.emplace_back(roles.bytes(0), split_list(roles.bytes(1)));
        }
        // Not max(sequence): the newest rows may have been forgotten, their numbers are not.
        auto last = connection.query("SELECT last FROM gatehouse.feed");
        if (!last.next()) return StoreError::unavailable;
        standing.sequence = static_cast<std::uint64_t>(last.integer(0));
        return standing;
    });
}

} // namespace gatehouse::auth::postgres
