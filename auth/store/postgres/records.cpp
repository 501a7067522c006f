#include "auth/store/postgres/records.hpp"

#include "auth/store/string_list.hpp"
#include "config/basics/enforced.hpp"

namespace gatehouse::auth::postgres {

std::string select_users(std::string_view rest)
{
    return "SELECT id, username, folded_username, email, folded_email, password_hash, roles, "
           "blocked, created, verified_email, verified_at FROM gatehouse.users " +
           std::string(rest);
}

User user_from(const Rows& row)
{
    User user;
    user.id = row.bytes(0);
    user.username = row.optional_bytes(1);
    user.folded_username = row.optional_bytes(2);
    user.email = row.optional_bytes(3);
    user.folded_email = row.optional_bytes(4);
    user.password_hash = row.bytes(5);
    user.roles = split_list(row.bytes(6));
    user.blocked = row.boolean(7);
    user.created = row.seconds(8);
    // Of another address when a program that knows nothing of this changed it.
    if (user.folded_email && row.bytes(9) == *user.folded_email)
        user.email_verified_at = row.seconds(10);
    return user;
}

std::string select_sessions(std::string_view rest)
{
    return "SELECT number, id, user_id, generation, issued_at, expires_at, login_at, delivery, "
           "address, user_agent, ended_ms, amr, unseen FROM gatehouse.sessions " +
           std::string(rest);
}

Session session_from(Connection& connection, const Rows& row)
{
    Session session;
    session.id = row.bytes(1);
    session.user_id = row.bytes(2);
    session.generation = static_cast<Generation>(row.integer(3));
    session.issued_at = row.seconds(4);
    session.expires_at = row.seconds(5);
    session.login_at = row.seconds(6);
    session.delivery = static_cast<SessionDelivery>(row.integer(7));
    session.address = row.bytes(8);
    session.user_agent = row.bytes(9);
    session.ended_at = row.optional_millis(10);
    session.amr = split_list(row.bytes(11));
    session.unseen = static_cast<Generation>(row.integer(12));
    auto old = connection.query("SELECT generation, at_ms FROM gatehouse.superseded "
                                "WHERE session = $1 ORDER BY generation",
                                row.integer(0));
    while (old.next()) {
        session.superseded.push_back({static_cast<Generation>(old.integer(0)), old.millis(1)});
    }
    return session;
}

std::optional<bool> lock_user(Connection& connection, std::string_view user_id)
{
    auto user =
        connection.query("SELECT blocked FROM gatehouse.users WHERE id = $1 FOR UPDATE", user_id);
    return user.next() ? std::optional(user.boolean(0)) : std::nullopt;
}

Result<bool, StoreError> may_ask(Connection& connection, Elsewhere& elsewhere,
                                 std::string_view user_id, const Deed& deed)
{
    if (!lock_user(connection, user_id)) return false;
    if (deed.asker.empty() || !enforced("postgres_store.asker_lives")) return true;
    if (elsewhere) return elsewhere.is_live(deed.asker);
    return connection
        .query("SELECT 1 FROM gatehouse.sessions WHERE id = $1 AND ended_ms IS NULL", deed.asker)
        .next();
}

void add_changes(Connection& connection, ChangeKind kind, std::span<const std::string> subjects,
                 Millis now, std::span<const std::string> roles)
{
    if (subjects.empty()) return;
    connection.run("WITH next AS ("
                   "UPDATE gatehouse.feed SET last = last + $1::bigint RETURNING last) "
                   "INSERT INTO gatehouse.changes (sequence, kind, subject, roles, at_ms) "
                   "SELECT next.last - $1::bigint + news.n, $2, news.subject, $3, $4 "
                   "FROM next, unnest($5::bytea[]) WITH ORDINALITY AS news (subject, n)",
                   subjects.size(), static_cast<int>(kind), join_list(roles), now, subjects);
    connection.announce_at_commit();
}

void add_change(Connection& connection, ChangeKind kind, std::string_view subject, Millis now,
                std::span<const std::string> roles)
{
    const std::array subjects = {std::string(subject)};
    add_changes(connection, kind, subjects, now, roles);
}

std::vector<std::string> end_all(Connection& connection, std::string_view user_id,
                                 std::string_view keep_session, Millis now)
{
    auto rows = connection.query("WITH ended AS ("
                                 "UPDATE gatehouse.sessions SET ended_ms = $3 "
                                 "WHERE user_id = $1 AND id <> $2 AND ended_ms IS NULL "
                                 "RETURNING number, id) "
                                 "SELECT id FROM ended ORDER BY number",
                                 user_id, keep_session, now);
    std::vector<std::string> ids;
    while (rows.next()) ids.push_back(rows.bytes(0));
    return ids;
}

Result<std::vector<std::string>, StoreError>
end_everywhere(Connection& connection, Elsewhere& elsewhere, std::string_view user_id,
               std::string_view keep_session, Millis now)
{
    // Here also where they are elsewhere: some may be left from a time when they were not.
    auto ended = end_all(connection, user_id, keep_session, now);
    if (elsewhere) {
        const auto there = elsewhere.end_all(user_id, keep_session, now);
        if (!there) return there.error();
        ended.insert(ended.end(), there->begin(), there->end());
    }
    add_changes(connection, ChangeKind::session_ended, ended, now);
    return ended;
}

void insert_session(Connection& connection, const Session& session, Millis now)
{
    auto inserted = connection.query(
        "INSERT INTO gatehouse.sessions (id, user_id, generation, issued_at, expires_at, login_at, "
        "used_ms, delivery, address, user_agent, ended_ms, amr, unseen) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) RETURNING number",
        session.id, session.user_id, session.generation, session.issued_at, session.expires_at,
        session.login_at, now, static_cast<int>(session.delivery), session.address,
        session.user_agent, session.ended_at, join_list(session.amr), session.unseen);
    if (!inserted.next()) throw Failure(Failure::Kind::refused, "INSERT returned no number");
    for (const auto& old : session.superseded) {
        connection.run("INSERT INTO gatehouse.superseded VALUES ($1, $2, $3)", inserted.integer(0),
                       old.generation, old.superseded_at);
    }
}

void void_links(Connection& connection, std::string_view user_id)
{
    connection.run("DELETE FROM gatehouse.links WHERE user_id = $1", user_id);
}

void void_links(Connection& connection, std::string_view user_id, LinkPurpose purpose)
{
    connection.run("DELETE FROM gatehouse.links WHERE user_id = $1 AND purpose = $2", user_id,
                   static_cast<int>(purpose));
}

void void_links_elsewhere(Connection& connection, const User& user)
{
    connection.run("DELETE FROM gatehouse.links WHERE user_id = $1 AND address <> $2", user.id,
                   user.folded_email.value_or(""));
}

} // namespace gatehouse::auth::postgres
