#include "tests/auth/store/postgres/version_1.hpp"

#include "auth/store/postgres/transaction.hpp"

namespace gatehouse::auth::postgres {

namespace {

constexpr const char* version_table = R"(
CREATE SCHEMA IF NOT EXISTS gatehouse;
CREATE TABLE IF NOT EXISTS gatehouse.schema (
    one         BOOLEAN PRIMARY KEY CHECK (one),
    version     BIGINT NOT NULL,
    usable_from BIGINT NOT NULL
);
INSERT INTO gatehouse.schema VALUES (true, 0, 0) ON CONFLICT DO NOTHING;
)";

constexpr const char* version_1 = R"(
CREATE TABLE gatehouse.users (
    id               BYTEA PRIMARY KEY,
    username         BYTEA,
    folded_username  BYTEA,
    email            BYTEA,
    folded_email     BYTEA,
    password_hash    BYTEA NOT NULL,
    roles            BYTEA NOT NULL,
    roles_changed_ms BIGINT,
    blocked          BOOLEAN NOT NULL,
    created          BIGINT NOT NULL
);
CREATE INDEX users_by_creation ON gatehouse.users (created, id);
CREATE INDEX users_blocked ON gatehouse.users (id) WHERE blocked;
CREATE INDEX users_by_role_change ON gatehouse.users (roles_changed_ms)
    WHERE roles_changed_ms IS NOT NULL;

CREATE TABLE gatehouse.names (
    folded  BYTEA PRIMARY KEY,
    user_id BYTEA NOT NULL REFERENCES gatehouse.users (id) ON DELETE CASCADE
);
CREATE INDEX names_by_user ON gatehouse.names (user_id);

CREATE TABLE gatehouse.invites (
    hash       BYTEA PRIMARY KEY,
    expires_at BIGINT NOT NULL
);
CREATE INDEX invites_by_expiry ON gatehouse.invites (expires_at);

CREATE TABLE gatehouse.sessions (
    number     BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id         BYTEA NOT NULL UNIQUE,
    user_id    BYTEA NOT NULL,
    generation BIGINT NOT NULL,
    issued_at  BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    login_at   BIGINT NOT NULL,
    used_ms    BIGINT NOT NULL,
    delivery   BIGINT NOT NULL,
    address    BYTEA NOT NULL,
    user_agent BYTEA NOT NULL,
    ended_ms   BIGINT
);
CREATE INDEX sessions_by_user ON gatehouse.sessions (user_id) WHERE ended_ms IS NULL;
CREATE INDEX sessions_by_end ON gatehouse.sessions (ended_ms) WHERE ended_ms IS NOT NULL;
CREATE INDEX sessions_by_expiry ON gatehouse.sessions (expires_at);

CREATE TABLE gatehouse.superseded (
    session    BIGINT NOT NULL REFERENCES gatehouse.sessions (number) ON DELETE CASCADE,
    generation BIGINT NOT NULL,
    at_ms      BIGINT NOT NULL,
    PRIMARY KEY (session, generation)
);

CREATE TABLE gatehouse.changes (
    sequence BIGINT PRIMARY KEY,
    kind     BIGINT NOT NULL,
    subject  BYTEA NOT NULL,
    roles    BYTEA NOT NULL,
    at_ms    BIGINT NOT NULL
);
CREATE INDEX changes_by_time ON gatehouse.changes (at_ms);

CREATE TABLE gatehouse.feed (
    one  BOOLEAN PRIMARY KEY CHECK (one),
    last BIGINT NOT NULL
);
INSERT INTO gatehouse.feed VALUES (true, 0);
)";

constexpr std::int64_t noon = 1'800'000'000;
constexpr std::int64_t year = 365 * 24 * 3600;

struct Known {
    std::int64_t version = 0;
    std::int64_t usable_from = 0;
};

[[nodiscard]] Known known_to(Connection& connection)
{
    try {
        connection.execute("SELECT FROM gatehouse.schema");
    } catch (const Failure& failure) {
        if (failure.kind() != Failure::Kind::missing) throw;
        connection.execute(version_table);
    }
    auto row = connection.execute("SELECT version, usable_from FROM gatehouse.schema");
    row.next();
    return {row.integer(0), row.integer(1)};
}

} // namespace

Version1::Version1(const Server& server) : connection_(server.url())
{
    const auto found = known_to(connection_);
    if (found.usable_from > 1) throw Failure(Failure::Kind::refused, "a newer Gatehouse");
    if (found.version >= 1) return;
    Transaction transaction(connection_, Access::write);
    connection_.execute(version_1);
    connection_.execute("UPDATE gatehouse.schema SET version = 1, usable_from = 1");
    transaction.commit();
}

void Version1::register_user(const std::string& user, const std::string& session)
{
    Transaction transaction(connection_, Access::write);
    connection_.run("INSERT INTO gatehouse.users (id, username, folded_username, email, "
                    "folded_email, password_hash, roles, blocked, created) "
                    "VALUES ($1, $1, $1, NULL, NULL, $2, $3, $4, $5)",
                    user, std::string("hash"), std::string(), false, noon);
    connection_.run("INSERT INTO gatehouse.names VALUES ($1, $2)", user, user);
    connection_.run("INSERT INTO gatehouse.sessions (id, user_id, generation, issued_at, "
                    "expires_at, login_at, used_ms, delivery, address, user_agent, ended_ms) "
                    "VALUES ($1, $2, 1, $3, $4, $3, $5, 0, $6, $6, NULL) RETURNING number",
                    session, user, noon, noon + year, noon * 1000, std::string());
    transaction.commit();
}

bool Version1::refresh(const std::string& session, std::int64_t from)
{
    Transaction transaction(connection_, Access::write);
    const auto rotated = connection_.run(
        "WITH rotated AS (UPDATE gatehouse.sessions SET generation = $2::bigint + 1, "
        "issued_at = $4, expires_at = $5, address = $6, user_agent = $7, used_ms = $3::bigint "
        "WHERE id = $1 AND generation = $2::bigint AND ended_ms IS NULL "
        "AND expires_at * 1000 > $3::bigint AND EXISTS "
        "(SELECT 1 FROM gatehouse.users AS u WHERE u.id = user_id AND NOT u.blocked) "
        "RETURNING number), "
        "forgotten AS (DELETE FROM gatehouse.superseded USING rotated "
        "WHERE session = rotated.number AND superseded.generation <= $2::bigint - $8::bigint) "
        "INSERT INTO gatehouse.superseded SELECT number, $2::bigint, $3::bigint FROM rotated",
        session, from, noon * 1000, noon, noon + year, std::string(), std::string(),
        std::int64_t{32});
    transaction.commit();
    return rotated > 0;
}

bool Version1::log_out(const std::string& session)
{
    Transaction transaction(connection_, Access::write);
    const auto ended = connection_.run("UPDATE gatehouse.sessions SET ended_ms = $2 "
                                       "WHERE id = $1 AND ended_ms IS NULL",
                                       session, noon * 1000);
    if (ended == 0) return false;
    const std::vector<std::string> subjects = {session};
    connection_.run("WITH next AS ("
                    "UPDATE gatehouse.feed SET last = last + $1::bigint RETURNING last) "
                    "INSERT INTO gatehouse.changes (sequence, kind, subject, roles, at_ms) "
                    "SELECT next.last - $1::bigint + news.n, $2, news.subject, $3, $4 "
                    "FROM next, unnest($5::bytea[]) WITH ORDINALITY AS news (subject, n)",
                    1, 0, std::string(), noon * 1000, subjects);
    connection_.announce_at_commit();
    transaction.commit();
    return true;
}

std::string Version1::story(std::int64_t after)
{
    auto rows = connection_.query("SELECT sequence, kind, subject, roles, at_ms "
                                  "FROM gatehouse.changes "
                                  "WHERE sequence > $1 ORDER BY sequence LIMIT $2",
                                  after, 100000);
    std::string subjects;
    while (rows.next()) subjects += rows.bytes(2) + " ";
    return subjects;
}

} // namespace gatehouse::auth::postgres
