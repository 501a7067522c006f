#include "auth/store/sqlite/records.hpp"
#include "auth/store/sqlite/sqlite_store.hpp"
#include "auth/store/string_list.hpp"

#include <algorithm>
#include <iterator>

namespace gatehouse::auth::sqlite {

namespace {

using namespace std::chrono_literals;

[[nodiscard]] Change change_from(const Rows& row)
{
    Change change;
    change.sequence = static_cast<std::uint64_t>(row.integer(0));
    change.kind = static_cast<ChangeKind>(row.integer(1));
    change.subject = row.text(2);
    change.roles = split_list(row.text(3));
    change.at = row.millis(4);
    return change;
}

[[nodiscard]] std::vector<std::string> texts(Rows rows)
{
    std::vector<std::string> all;
    while (rows.next()) all.push_back(rows.text(0));
    return all;
}

/// What has no row of its own here: the feed is kept for longer than any of their tokens lives.
[[nodiscard]] std::vector<std::string> ended_elsewhere(Database& database, Millis ended_after)
{
    return texts(database.query("SELECT subject FROM changes WHERE kind = ?1 AND at_ms > ?2 "
                                "AND subject NOT IN (SELECT id FROM sessions)",
                                static_cast<int>(ChangeKind::session_ended), ended_after));
}

} // namespace

SqliteStore::SqliteStore(const std::string& path, Database writing, FileLock lock, StoreRole role,
                         WriterLimits limits, std::chrono::milliseconds poll,
                         FailureReport::Say on_failure, SessionHome* home)
    : home_(home),
      failures_(std::move(on_failure)),
      readers_(path, failures_, limits.meter),
      watch_(Database(path, 500ms), poll, failures_),
      writer_(std::move(writing), std::move(lock), role, limits, failures_)
{
}

Result<std::vector<Change>, StoreError> SqliteStore::changes_after(std::uint64_t after,
                                                                   std::size_t limit)
{
    return readers_.run([&](Database& database) -> Result<std::vector<Change>, StoreError> {
        // Other processes write elsewhere: a feed that cannot hear them is no feed.
        watch_.must_have_its_file();
        auto rows = database.query("SELECT sequence, kind, subject, roles, at_ms FROM changes "
                                   "WHERE sequence > ?1 ORDER BY sequence LIMIT ?2",
                                   after, limit);
        std::vector<Change> changes;
        while (rows.next()) changes.push_back(change_from(rows));
        return changes;
    });
}

Result<void, StoreError> SqliteStore::announce_keys(Millis now)
{
    return writer_.run([now](Database& database) -> Result<void, StoreError> {
        add_change(database, ChangeKind::keys_changed, {}, now);
        return {};
    });
}

Result<bool, StoreError> SqliteStore::wait_for_changes(std::chrono::milliseconds wait)
{
    return watch_.wait(wait);
}

void SqliteStore::stop_waiting() noexcept
{
    watch_.stop();
}

Result<ChangeFeed::Standing, StoreError> SqliteStore::standing(Millis ended_after)
{
    return readers_.run([&](Database& database) -> Result<Standing, StoreError> {
        watch_.must_have_its_file();
        Standing standing;
        standing.ended_sessions =
            texts(database.query("SELECT id FROM sessions WHERE ended_ms > ?1", ended_after));
        if (home_ != nullptr) {
            std::ranges::move(ended_elsewhere(database, ended_after),
                              std::back_inserter(standing.ended_sessions));
        }
        standing.blocked_users = texts(database.query("SELECT id FROM users WHERE blocked"));
        auto roles =
            database.query("SELECT id, roles FROM users WHERE roles_changed_ms > ?1", ended_after);
        while (roles.next()) {
            standing.changed_roles.emplace_back(roles.text(0), split_list(roles.text(1)));
        }
        // Not max(sequence): the newest rows may have been forgotten, their numbers are not.
        standing.sequence = static_cast<std::uint64_t>(
            database.integer("SELECT seq FROM sqlite_sequence WHERE name = 'changes'"));
        return standing;
    });
}

} // namespace gatehouse::auth::sqlite
