#include "auth/store/sqlite/records.hpp"
#include "auth/store/sqlite/sqlite_store.hpp"
#include "config/basics/enforced.hpp"

namespace gatehouse::auth::sqlite {

namespace {

/// The user's live sessions, the least recently used first.
[[nodiscard]] std::vector<std::string> live_sessions_of(Database& database,
                                                        std::string_view user_id, Millis now)
{
    auto rows = database.query("SELECT id FROM sessions WHERE user_id = ?1 AND ended_ms IS NULL "
                               "AND expires_at * 1000 > ?2 ORDER BY used_ms, number",
                               user_id, now);
    std::vector<std::string> ids;
    while (rows.next()) ids.push_back(rows.text(0));
    return ids;
}

using Ids = Result<std::vector<std::string>, StoreError>;

void keep_records_of_login(Database& database, const std::vector<std::string>& evicted,
                           const Deed& deed)
{
    for (const auto& id : evicted) keep_record(database, record_of_eviction(deed, id));
    keep_record(database, deed.record);
}

[[nodiscard]] Ids create(Database& database, SessionHome* home, const Session& session,
                         const SessionStore::Room& room, const Deed& deed)
{
    auto user = database.query("SELECT blocked FROM users WHERE id = ?1", session.user_id);
    if (!user.next()) return StoreError::not_found;
    const bool blocked = user.integer(0) != 0;
    if (enforced("sqlite_store.login_unblocked") && blocked) return StoreError::blocked;
    if (home != nullptr) {
        auto displaced = home->create(session, room, deed.at);
        if (!displaced) return displaced;
        keep_records_of_login(database, *displaced, deed);
        add_changes(database, ChangeKind::session_ended, *displaced, deed.at);
        return displaced;
    }

    std::vector<std::string> evicted;
    if (room.max_per_user > 0) {
        evicted = live_sessions_of(database, session.user_id, deed.at);
        const auto limit = std::size_t{room.max_per_user};
        const auto surplus = evicted.size() < limit ? 0 : evicted.size() - limit + 1;
        if (surplus > 0 && !room.evict_oldest) return StoreError::too_many_sessions;
        evicted.resize(surplus);
    }
    for (const auto& id : evicted) end_one(database, id, deed.at);
    insert_session(database, session, deed.at);
    keep_records_of_login(database, evicted, deed);
    return evicted;
}

[[nodiscard]] bool end_if_live(Database& database, std::string_view session_id, Millis now)
{
    const bool live =
        database.query("SELECT 1 FROM sessions WHERE id = ?1 AND ended_ms IS NULL", session_id)
            .next();
    if (live) end_one(database, session_id, now);
    return live;
}

[[nodiscard]] bool forget_some(Database& database, Millis before, std::size_t at_most)
{
    constexpr std::string_view statements[] = {
        "DELETE FROM sessions WHERE number IN "
        "(SELECT number FROM sessions WHERE ended_ms < ?1 LIMIT ?2)",
        "DELETE FROM sessions WHERE number IN "
        "(SELECT number FROM sessions WHERE expires_at < (?1 + 999) / 1000 LIMIT ?2)",
        "DELETE FROM invites WHERE hash IN "
        "(SELECT hash FROM invites WHERE expires_at < (?1 + 999) / 1000 LIMIT ?2)",
        "DELETE FROM spent WHERE digest IN "
        "(SELECT digest FROM spent WHERE expires_at < (?1 + 999) / 1000 LIMIT ?2)",
        "DELETE FROM mails WHERE id IN "
        "(SELECT id FROM mails WHERE expires_at < (?1 + 999) / 1000 LIMIT ?2)",
        "DELETE FROM links WHERE digest IN "
        "(SELECT digest FROM links WHERE expires_at < (?1 + 999) / 1000 LIMIT ?2)",
        "DELETE FROM changes WHERE sequence IN "
        "(SELECT sequence FROM changes WHERE at_ms < ?1 LIMIT ?2)",
        "DELETE FROM api_keys WHERE id IN "
        "(SELECT id FROM api_keys WHERE revoked_ms < ?1 LIMIT ?2)",
        "DELETE FROM api_keys WHERE id IN "
        "(SELECT id FROM api_keys WHERE expires_at < (?1 + 999) / 1000 LIMIT ?2)",
    };
    bool more = false;
    for (const auto statement : statements) {
        more = std::cmp_equal(database.run(statement, before, at_most), at_most) || more;
    }
    return more;
}

// So many end in one transaction: other writers get their turn in between.
constexpr int end_at_once = 100;

/// Those of the sessions after `number` that have not ended, so many of them; moves `number` on.
[[nodiscard]] std::vector<std::string> next_to_end(Database& database, std::int64_t& number)
{
    auto rows = database.query("SELECT number, id FROM sessions WHERE number > ?1 "
                               "AND ended_ms IS NULL ORDER BY number LIMIT ?2",
                               number, end_at_once);
    std::vector<std::string> ids;
    while (rows.next()) {
        number = rows.integer(0);
        ids.push_back(rows.text(1));
    }
    return ids;
}

void leap(Database& database, std::uint64_t gap)
{
    if (database.run("UPDATE sqlite_sequence SET seq = seq + ?1 WHERE name = 'changes'", gap) > 0) {
        return;
    }
    database.run("INSERT INTO sqlite_sequence (name, seq) VALUES ('changes', ?1)", gap);
}

} // namespace

Result<std::vector<std::string>, StoreError>
SqliteStore::create_session(const Session& session, const Room& room, const Deed& deed)
{
    return writer_.run([this, session, room, deed](Database& database) {
        return create(database, home_, session, room, deed);
    });
}

Result<std::optional<Session>, StoreError> SqliteStore::find_session(std::string_view session_id)
{
    if (home_ != nullptr) return home_->find(session_id);
    return readers_.run([&](Database& database) -> Result<std::optional<Session>, StoreError> {
        static const auto sql = select_sessions("WHERE id = ?1");
        auto row = database.query(sql, session_id);
        return row.next() ? std::optional(session_from(database, row)) : std::nullopt;
    });
}

Result<std::vector<Session>, StoreError> SqliteStore::list_sessions(std::string_view user_id,
                                                                    Seconds now)
{
    if (home_ != nullptr) return home_->list(user_id, now);
    return readers_.run([&](Database& database) -> Result<std::vector<Session>, StoreError> {
        static const auto sql =
            select_sessions("WHERE user_id = ?1 AND ended_ms IS NULL AND expires_at > ?2 "
                            "ORDER BY login_at DESC, number DESC");
        auto rows = database.query(sql, user_id, now);
        std::vector<Session> sessions;
        while (rows.next()) sessions.push_back(session_from(database, rows));
        return sessions;
    });
}

Result<bool, StoreError> SqliteStore::end_session(std::string_view session_id, const Deed& deed)
{
    return writer_.run(
        [this, id = std::string(session_id), deed](Database& database) -> Result<bool, StoreError> {
            const auto ended = home_ == nullptr
                                   ? Result<bool, StoreError>(end_if_live(database, id, deed.at))
                                   : home_->end(id, deed.at);
            if (!ended || !*ended) return ended;
            keep_record(database, deed.record);
            return true;
        });
}

Result<std::vector<std::string>, StoreError>
SqliteStore::end_sessions_of(std::string_view user_id, std::string_view keep_session,
                             const Deed& deed)
{
    return writer_.run([this, user = std::string(user_id), keep = std::string(keep_session),
                        deed](Database& database) -> Ids {
        auto ended = end_everywhere(database, home_, user, keep, deed.at);
        if (ended && !ended->empty()) keep_record(database, deed.record);
        return ended;
    });
}

Result<std::uint64_t, StoreError> SqliteStore::end_every_session(Millis now)
{
    const auto leapt = writer_.run([](Database& database) -> Result<void, StoreError> {
        leap(database, restore_gap);
        return {};
    });
    if (!leapt) return leapt.error();
    const auto here = end_every_row(now);
    if (!here || home_ == nullptr) return here;
    return end_every_one_elsewhere(*here, now);
}

Result<std::uint64_t, StoreError> SqliteStore::end_every_row(Millis now)
{
    struct Piece {
        std::int64_t last = 0;
        std::size_t ended = 0;
    };

    std::uint64_t ended = 0;
    for (Piece piece;;) {
        const auto next =
            writer_.run([now, piece](Database& database) -> Result<Piece, StoreError> {
                auto last = piece.last;
                const auto ids = next_to_end(database, last);
                for (const auto& id : ids) end_one(database, id, now);
                return Piece{last, ids.size()};
            });
        if (!next) return next.error();
        if (next->ended == 0) return ended;
        piece = *next;
        ended += piece.ended;
    }
}

Result<std::uint64_t, StoreError> SqliteStore::end_every_one_elsewhere(std::uint64_t ended,
                                                                       Millis now)
{
    for (SessionHome::Walk walk; !walk.over;) {
        const auto ids = home_->end_next(walk, now);
        if (!ids) return ids.error();
        if (ids->empty()) continue;
        const auto told =
            writer_.run([ids = *ids, now](Database& database) -> Result<void, StoreError> {
                add_changes(database, ChangeKind::session_ended, ids, now);
                return {};
            });
        if (!told) return told.error();
        ended += ids->size();
    }
    return ended;
}

Result<bool, StoreError> SqliteStore::forget_before(Millis before, std::size_t at_most)
{
    return writer_.run([before, at_most](Database& database) -> Result<bool, StoreError> {
        return forget_some(database, before, at_most);
    });
}

} // namespace gatehouse::auth::sqlite
