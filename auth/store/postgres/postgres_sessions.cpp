#include "auth/store/postgres/postgres_store.hpp"
#include "auth/store/postgres/records.hpp"
#include "config/basics/enforced.hpp"

namespace gatehouse::auth::postgres {

namespace {

using Ids = Result<std::vector<std::string>, StoreError>;

/// The user's live sessions, the least recently used first.
[[nodiscard]] std::vector<std::string> live_sessions_of(Connection& connection,
                                                        std::string_view user_id, Millis now)
{
    auto rows = connection.query(
        "SELECT id FROM gatehouse.sessions WHERE user_id = $1 AND ended_ms IS NULL "
        "AND expires_at * 1000 > $2 ORDER BY used_ms, number",
        user_id, now);
    std::vector<std::string> ids;
    while (rows.next()) ids.push_back(rows.bytes(0));
    return ids;
}

/// true: it had not ended and is ended now. Whether it had is judged in the same statement.
[[nodiscard]] bool end_one(Connection& connection, std::string_view session_id, Millis now)
{
    return connection.run("UPDATE gatehouse.sessions SET ended_ms = $2 "
                          "WHERE id = $1 AND ended_ms IS NULL",
                          session_id, now) > 0;
}

void keep_records_of_login(Connection& connection, const std::vector<std::string>& evicted,
                           const Deed& deed)
{
    for (const auto& id : evicted) keep_record(connection, record_of_eviction(deed, id));
    keep_record(connection, deed.record);
}

[[nodiscard]] Ids create(Connection& connection, Elsewhere& elsewhere, const Session& session,
                         const SessionStore::Room& room, const Deed& deed)
{
    // Locked: two logins of one user do not both see the last free place, and a login that began
    // before a block is over before the block counts what to end.
    const auto blocked = lock_user(connection, session.user_id);
    if (!blocked) return StoreError::not_found;
    if (enforced("postgres_store.login_unblocked") && *blocked) return StoreError::blocked;
    if (elsewhere) {
        auto displaced = elsewhere.create(session, room, deed.at);
        if (!displaced) return displaced;
        keep_records_of_login(connection, *displaced, deed);
        add_changes(connection, ChangeKind::session_ended, *displaced, deed.at);
        return displaced;
    }

    std::vector<std::string> evicted;
    if (room.max_per_user > 0) {
        evicted = live_sessions_of(connection, session.user_id, deed.at);
        const auto limit = std::size_t{room.max_per_user};
        const auto surplus = evicted.size() < limit ? 0 : evicted.size() - limit + 1;
        if (surplus > 0 && !room.evict_oldest) return StoreError::too_many_sessions;
        evicted.resize(surplus);
    }
    // One that ended by itself meanwhile is in the feed already.
    std::erase_if(evicted, [&](const auto& id) { return !end_one(connection, id, deed.at); });
    insert_session(connection, session, deed.at);
    keep_records_of_login(connection, evicted, deed);
    add_changes(connection, ChangeKind::session_ended, evicted, deed.at);
    return evicted;
}

/// What somebody else works on is left for the next time.
[[nodiscard]] bool forget_some(Connection& connection, Millis before, std::size_t at_most)
{
    constexpr std::string_view statements[] = {
        "DELETE FROM gatehouse.sessions WHERE number IN "
        "(SELECT number FROM gatehouse.sessions WHERE ended_ms < $1 "
        "LIMIT $2 FOR UPDATE SKIP LOCKED)",
        "DELETE FROM gatehouse.sessions WHERE number IN "
        "(SELECT number FROM gatehouse.sessions WHERE expires_at < ($1::bigint + 999) / 1000 "
        "LIMIT $2 FOR UPDATE SKIP LOCKED)",
        "DELETE FROM gatehouse.invites WHERE hash IN "
        "(SELECT hash FROM gatehouse.invites WHERE expires_at < ($1::bigint + 999) / 1000 "
        "LIMIT $2 FOR UPDATE SKIP LOCKED)",
        "DELETE FROM gatehouse.spent WHERE digest IN "
        "(SELECT digest FROM gatehouse.spent WHERE expires_at < ($1::bigint + 999) / 1000 "
        "LIMIT $2 FOR UPDATE SKIP LOCKED)",
        "DELETE FROM gatehouse.mails WHERE id IN "
        "(SELECT id FROM gatehouse.mails WHERE expires_at < ($1::bigint + 999) / 1000 "
        "LIMIT $2 FOR UPDATE SKIP LOCKED)",
        "DELETE FROM gatehouse.links WHERE digest IN "
        "(SELECT digest FROM gatehouse.links WHERE expires_at < ($1::bigint + 999) / 1000 "
        "LIMIT $2 FOR UPDATE SKIP LOCKED)",
        "DELETE FROM gatehouse.changes WHERE sequence IN "
        "(SELECT sequence FROM gatehouse.changes WHERE at_ms < $1 "
        "LIMIT $2 FOR UPDATE SKIP LOCKED)",
        "DELETE FROM gatehouse.api_keys WHERE id IN "
        "(SELECT id FROM gatehouse.api_keys WHERE revoked_ms < $1 "
        "LIMIT $2 FOR UPDATE SKIP LOCKED)",
        "DELETE FROM gatehouse.api_keys WHERE id IN "
        "(SELECT id FROM gatehouse.api_keys WHERE expires_at < ($1::bigint + 999) / 1000 "
        "LIMIT $2 FOR UPDATE SKIP LOCKED)",
    };
    bool more = false;
    for (const auto statement : statements) {
        more = std::cmp_equal(connection.run(statement, before, at_most), at_most) || more;
    }
    return more;
}

// So many end in one transaction: other writers get their turn in between.
constexpr int end_at_once = 100;

/// How far the sweep over all sessions has come.
struct Sweep {
    std::int64_t last = 0; // number
    std::uint64_t ended = 0;
    bool over = false;
};

[[nodiscard]] Sweep end_next(Connection& connection, Sweep sweep, Millis now)
{
    auto next = connection.query(
        "SELECT max(number) FROM (SELECT number FROM gatehouse.sessions "
        "WHERE number > $1 AND ended_ms IS NULL ORDER BY number LIMIT $2) AS piece",
        sweep.last, end_at_once);
    if (!next.next() || next.is_null(0)) {
        sweep.over = true;
        return sweep;
    }
    const auto last = next.integer(0);
    auto rows = connection.query("UPDATE gatehouse.sessions SET ended_ms = $3 "
                                 "WHERE number > $1 AND number <= $2 AND ended_ms IS NULL "
                                 "RETURNING id",
                                 sweep.last, last, now);
    std::vector<std::string> ids;
    while (rows.next()) ids.push_back(rows.bytes(0));
    add_changes(connection, ChangeKind::session_ended, ids, now);
    sweep.last = last;
    sweep.ended += ids.size();
    return sweep;
}

} // namespace

Result<std::vector<std::string>, StoreError>
PostgresStore::create_session(const Session& session, const Room& room, const Deed& deed)
{
    Elsewhere elsewhere(home_);
    return pool_->run(Access::write, [&](Connection& connection) {
        return create(connection, elsewhere, session, room, deed);
    });
}

Result<std::optional<Session>, StoreError> PostgresStore::find_session(std::string_view session_id)
{
    if (home_ != nullptr) return home_->find(session_id);
    using Found = Result<std::optional<Session>, StoreError>;
    return pool_->run(Access::snapshot, [&](Connection& connection) -> Found {
        static const auto sql = select_sessions("WHERE id = $1");
        auto row = connection.query(sql, session_id);
        return row.next() ? std::optional(session_from(connection, row)) : std::nullopt;
    });
}

Result<std::vector<Session>, StoreError> PostgresStore::list_sessions(std::string_view user_id,
                                                                      Seconds now)
{
    if (home_ != nullptr) return home_->list(user_id, now);
    using Found = Result<std::vector<Session>, StoreError>;
    return pool_->run(Access::snapshot, [&](Connection& connection) -> Found {
        static const auto sql =
            select_sessions("WHERE user_id = $1 AND ended_ms IS NULL AND expires_at > $2 "
                            "ORDER BY login_at DESC, number DESC");
        auto rows = connection.query(sql, user_id, now);
        std::vector<Session> sessions;
        while (rows.next()) sessions.push_back(session_from(connection, rows));
        return sessions;
    });
}

Result<bool, StoreError> PostgresStore::end_session(std::string_view session_id, const Deed& deed)
{
    if (home_ != nullptr) { // which has a feed of its own
        const auto ended = home_->end(session_id, deed.at);
        if (!ended || !*ended) return ended;
    }
    return pool_->run(Access::write, [&](Connection& connection) -> Result<bool, StoreError> {
        if (home_ == nullptr && !end_one(connection, session_id, deed.at)) return false;
        keep_record(connection, deed.record);
        if (home_ == nullptr) {
            add_change(connection, ChangeKind::session_ended, session_id, deed.at);
        }
        return true;
    });
}

Result<std::vector<std::string>, StoreError>
PostgresStore::end_sessions_of(std::string_view user_id, std::string_view keep_session,
                               const Deed& deed)
{
    Elsewhere elsewhere(home_);
    return pool_->run(Access::write, [&](Connection& connection) -> Ids {
        // Nobody there: a deleted user has no session left that has not ended.
        static_cast<void>(lock_user(connection, user_id));
        auto ended = end_everywhere(connection, elsewhere, user_id, keep_session, deed.at);
        if (ended && !ended->empty()) keep_record(connection, deed.record);
        return ended;
    });
}

Result<std::uint64_t, StoreError> PostgresStore::end_every_session(Millis now)
{
    // By itself: who holds the feed's counter takes no other lock.
    const auto leapt = pool_->run(Access::write, [](auto& connection) -> Result<void, StoreError> {
        connection.run("UPDATE gatehouse.feed SET last = last + $1::bigint", restore_gap);
        return {};
    });
    if (!leapt) return leapt.error();
    const auto here = end_every_row(now);
    if (!here || home_ == nullptr) return here;
    return end_every_one_elsewhere(*here, now);
}

Result<std::uint64_t, StoreError> PostgresStore::end_every_row(Millis now)
{
    for (Sweep sweep;;) {
        const auto next =
            pool_->run(Access::write, [&](Connection& connection) -> Result<Sweep, StoreError> {
                return end_next(connection, sweep, now);
            });
        if (!next) return next.error();
        if (next->over) return next->ended;
        sweep = *next;
    }
}

Result<std::uint64_t, StoreError> PostgresStore::end_every_one_elsewhere(std::uint64_t ended,
                                                                         Millis now)
{
    for (SessionHome::Walk walk; !walk.over;) {
        const auto ids = home_->end_next(walk, now);
        if (!ids) return ids.error();
        const auto told =
            pool_->run(Access::write, [&](Connection& connection) -> Result<void, StoreError> {
                add_changes(connection, ChangeKind::session_ended, *ids, now);
                return {};
            });
        if (!told) return told.error();
        ended += ids->size();
    }
    return ended;
}

Result<bool, StoreError> PostgresStore::forget_before(Millis before, std::size_t at_most)
{
    return pool_->run(Access::write, [&](Connection& connection) -> Result<bool, StoreError> {
        return forget_some(connection, before, at_most);
    });
}

} // namespace gatehouse::auth::postgres
