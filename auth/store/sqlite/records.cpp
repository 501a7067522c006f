#include "auth/store/sqlite/records.hpp"

#include "auth/store/string_list.hpp"
#include "config/basics/enforced.hpp"

namespace gatehouse::auth::sqlite {

std::string select_users(std::string_view rest)
{
    return "SELECT id, username, folded_username, email, folded_email, password_hash, roles, "
           "blocked, created, verified_email, verified_at FROM users " +
           std::string(rest);
}

User user_from(const Rows& row)
{
    User user;
    user.id = row.text(0);
    user.username = row.optional_text(1);
    user.folded_username = row.optional_text(2);
    user.email = row.optional_text(3);
    user.folded_email = row.optional_text(4);
    user.password_hash = row.text(5);
    user.roles = split_list(row.text(6));
    user.blocked = row.integer(7) != 0;
    user.created = row.seconds(8);
    // Of another address when a program that knows nothing of this changed it.
    if (user.folded_email && row.text(9) == *user.folded_email)
        user.email_verified_at = row.seconds(10);
    return user;
}

std::optional<User> user_with_id(Database& database, std::string_view user_id)
{
    static const auto sql = select_users("WHERE id = ?1");
    auto row = database.query(sql, user_id);
    return row.next() ? std::optional(user_from(row)) : std::nullopt;
}

std::string select_sessions(std::string_view rest)
{
    return "SELECT number, id, user_id, generation, issued_at, expires_at, login_at, delivery, "
           "address, user_agent, ended_ms, amr, unseen FROM sessions " +
           std::string(rest);
}

Session session_from(Database& database, const Rows& row)
{
    Session session;
    session.id = row.text(1);
    session.user_id = row.text(2);
    session.generation = static_cast<Generation>(row.integer(3));
    session.issued_at = row.seconds(4);
    session.expires_at = row.seconds(5);
    session.login_at = row.seconds(6);
    session.delivery = static_cast<SessionDelivery>(row.integer(7));
    session.address = row.text(8);
    session.user_agent = row.text(9);
    session.ended_at = row.optional_millis(10);
    session.amr = split_list(row.text(11));
    session.unseen = static_cast<Generation>(row.integer(12));
    auto old = database.query(
        "SELECT generation, at_ms FROM superseded WHERE session = ?1 ORDER BY generation",
        row.integer(0));
    while (old.next()) {
        session.superseded.push_back({static_cast<Generation>(old.integer(0)), old.millis(1)});
    }
    return session;
}

void add_change(Database& database, ChangeKind kind, std::string_view subject, Millis now,
                std::span<const std::string> roles)
{
    database.run("INSERT INTO changes (kind, subject, roles, at_ms) VALUES (?1, ?2, ?3, ?4)",
                 static_cast<int>(kind), subject, join_list(roles), now);
}

void add_changes(Database& database, ChangeKind kind, std::span<const std::string> subjects,
                 Millis now)
{
    for (const auto& subject : subjects) add_change(database, kind, subject, now);
}

void end_one(Database& database, std::string_view session_id, Millis now)
{
    database.run("UPDATE sessions SET ended_ms = ?2 WHERE id = ?1", session_id, now);
    add_change(database, ChangeKind::session_ended, session_id, now);
}

std::vector<std::string> end_all(Database& database, std::string_view user_id,
                                 std::string_view keep_session, Millis now)
{
    std::vector<std::string> ids;
    {
        auto rows = database.query("SELECT id FROM sessions WHERE user_id = ?1 AND id <> ?2 AND "
                                   "ended_ms IS NULL ORDER BY number",
                                   user_id, keep_session);
        while (rows.next()) ids.push_back(rows.text(0));
    }
    for (const auto& id : ids) end_one(database, id, now);
    return ids;
}

Result<std::vector<std::string>, StoreError> end_everywhere(Database& database, SessionHome* home,
                                                            std::string_view user_id,
                                                            std::string_view keep_session,
                                                            Millis now)
{
    // Here also where they are elsewhere: some may be left from a time when they were not.
    auto ended = end_all(database, user_id, keep_session, now);
    if (home == nullptr) return ended;
    const auto elsewhere = home->end_all(user_id, keep_session, now);
    if (!elsewhere) return elsewhere.error();
    add_changes(database, ChangeKind::session_ended, *elsewhere, now);
    ended.insert(ended.end(), elsewhere->begin(), elsewhere->end());
    return ended;
}

Result<bool, StoreError> may_ask(Database& database, SessionHome* home, const Deed& deed)
{
    if (deed.asker.empty() || !enforced("sqlite_store.asker_lives")) return true;
    if (home == nullptr) {
        return database
            .query("SELECT 1 FROM sessions WHERE id = ?1 AND ended_ms IS NULL", deed.asker)
            .next();
    }
    const auto found = home->find(deed.asker);
    if (!found) return found.error();
    return *found && !(*found)->ended_at;
}

void insert_session(Database& database, const Session& session, Millis now)
{
    database.run("INSERT INTO sessions (id, user_id, generation, issued_at, expires_at, login_at, "
                 "used_ms, delivery, address, user_agent, ended_ms, amr, unseen) "
                 "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
                 session.id, session.user_id, session.generation, session.issued_at,
                 session.expires_at, session.login_at, now, static_cast<int>(session.delivery),
                 session.address, session.user_agent, session.ended_at, join_list(session.amr),
                 session.unseen);
    const auto number = database.last_insert_rowid();
    for (const auto& old : session.superseded) {
        database.run("INSERT INTO superseded VALUES (?1, ?2, ?3)", number, old.generation,
                     old.superseded_at);
    }
}

void void_links(Database& database, std::string_view user_id)
{
    database.run("DELETE FROM links WHERE user_id = ?1", user_id);
}

void void_links(Database& database, std::string_view user_id, LinkPurpose purpose)
{
    database.run("DELETE FROM links WHERE user_id = ?1 AND purpose = ?2", user_id,
                 static_cast<int>(purpose));
}

void void_links_elsewhere(Database& database, const User& user)
{
    database.run("DELETE FROM links WHERE user_id = ?1 AND address <> ?2", user.id,
                 user.folded_email.value_or(""));
}

} // namespace gatehouse::auth::sqlite
