#include "auth/store/postgres/schema.hpp"

#include "auth/store/postgres/transaction.hpp"

#include <array>
#include <chrono>
#include <thread>

namespace gatehouse::auth::postgres {

namespace {

// The row is the lease: whoever holds its lock changes the tables. `usable_from` is the oldest
// version of a program that can still work with them, so that during a rolling upgrade the version
// before goes on beside the new one.
constexpr const char* version_table = R"(
CREATE SCHEMA IF NOT EXISTS gatehouse;
CREATE TABLE IF NOT EXISTS gatehouse.schema (
    one         BOOLEAN PRIMARY KEY CHECK (one),
    version     BIGINT NOT NULL,
    usable_from BIGINT NOT NULL
);
INSERT INTO gatehouse.schema VALUES (true, 0, 0) ON CONFLICT DO NOTHING;
)";

// Times are counted from 1970: in milliseconds where a name ends in `_ms`, in whole seconds, as
// tokens do, elsewhere. Text is BYTEA, see bytes.hpp. Roles are lists as in string_list.hpp.
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

-- One namespace for usernames and e-mail addresses: the key is what makes them unique.
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

-- A session outlives its deleted user for as long as its access tokens might: no foreign key.
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

-- Numbered by gatehouse.feed, not by a sequence: decision 12.
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

// Only new tables: a program of version 1 goes on as if nothing had happened.
constexpr const char* version_2 = R"(
CREATE TABLE gatehouse.leases (
    name     BYTEA PRIMARY KEY,
    holder   BYTEA NOT NULL,
    until_ms BIGINT NOT NULL
);

-- Encrypted before it comes here. `version` counts the replacements.
CREATE TABLE gatehouse.kept_keys (
    name    BYTEA PRIMARY KEY,
    version BIGINT NOT NULL,
    bytes   BYTEA NOT NULL
);
)";

// Who serves, and how far each has heard the feed (see replica_book.hpp). A new table only.
constexpr const char* version_3 = R"(
CREATE TABLE gatehouse.replicas (
    id      BYTEA PRIMARY KEY,
    applied BIGINT NOT NULL,
    beat    BIGINT NOT NULL
);
)";

// How often somebody tried (see shared_states.hpp): nothing that would be missed after a crash.
// Keys are fingerprints. A new table only.
constexpr const char* version_4 = R"(
CREATE TABLE gatehouse.throttle (
    key       BYTEA PRIMARY KEY,
    state     BYTEA NOT NULL,
    forget_ms BIGINT NOT NULL
);
CREATE INDEX throttle_by_end ON gatehouse.throttle (forget_ms);
)";

// One row per security event (see audit_trail.hpp). A new table only.
constexpr const char* version_5 = R"(
CREATE TABLE gatehouse.audit (
    number     BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at_ms      BIGINT NOT NULL,
    event      BYTEA NOT NULL,
    outcome    BYTEA NOT NULL,
    user_id    BYTEA NOT NULL,
    session_id BYTEA NOT NULL,
    address    BYTEA NOT NULL,
    request_id BYTEA NOT NULL,
    detail     BYTEA NOT NULL
);
CREATE INDEX audit_by_time ON gatehouse.audit (at_ms, number);
CREATE INDEX audit_by_user ON gatehouse.audit (user_id, at_ms, number);
)";

// How a session's user signed in, and the generation whose pair nobody was seen to use. A program
// of the version before knows passwords only, and looks at no pair.
constexpr const char* version_6 = R"(
-- What machines show instead of logging in (see api_keys.hpp). It comes first: the reference locks
-- users, and whoever writes to both locks users before sessions.
CREATE TABLE gatehouse.api_keys (
    id         BYTEA PRIMARY KEY,
    user_id    BYTEA NOT NULL REFERENCES gatehouse.users (id) ON DELETE CASCADE,
    name       BYTEA NOT NULL,
    digest     BYTEA NOT NULL,
    scopes     BYTEA NOT NULL,
    created    BIGINT NOT NULL,
    expires_at BIGINT,
    used_at    BIGINT,
    revoked_ms BIGINT
);
CREATE INDEX api_keys_by_user ON gatehouse.api_keys (user_id);
CREATE INDEX api_keys_by_end ON gatehouse.api_keys (revoked_ms) WHERE revoked_ms IS NOT NULL;
CREATE INDEX api_keys_by_expiry ON gatehouse.api_keys (expires_at) WHERE expires_at IS NOT NULL;

ALTER TABLE gatehouse.sessions
    ADD COLUMN amr  BYTEA NOT NULL DEFAULT '3:pwd,',
    ADD COLUMN unseen BIGINT NOT NULL DEFAULT 0;
)";

// What people sign in with instead of a password (see passkeys.hpp), and what is good for once and
// was used. New tables only.
constexpr const char* version_7 = R"(
CREATE TABLE gatehouse.passkeys (
    id              BYTEA PRIMARY KEY,
    user_id         BYTEA NOT NULL REFERENCES gatehouse.users (id) ON DELETE CASCADE,
    name            BYTEA NOT NULL,
    cose_key        BYTEA NOT NULL,
    aaguid          BYTEA NOT NULL,
    transports      BYTEA NOT NULL,
    sign_count      BIGINT NOT NULL,
    backup_eligible BOOLEAN NOT NULL,
    backed_up       BOOLEAN NOT NULL,
    created         BIGINT NOT NULL,
    used_at         BIGINT
);
CREATE INDEX passkeys_by_user ON gatehouse.passkeys (user_id);

CREATE TABLE gatehouse.spent (
    digest     BYTEA PRIMARY KEY,
    expires_at BIGINT NOT NULL
);
CREATE INDEX spent_by_expiry ON gatehouse.spent (expires_at);
)";

// What is asked of a user besides the password (see second_factors.hpp). New tables only: a program
// of the version before does not ask for it.
constexpr const char* version_8 = R"(
CREATE TABLE gatehouse.second_factors (
    user_id   BYTEA PRIMARY KEY REFERENCES gatehouse.users (id) ON DELETE CASCADE,
    sealed    BYTEA NOT NULL,
    in_force  BOOLEAN NOT NULL,
    created   BIGINT NOT NULL,
    last_used BIGINT NOT NULL
);

CREATE TABLE gatehouse.recovery_codes (
    user_id BYTEA NOT NULL REFERENCES gatehouse.users (id) ON DELETE CASCADE,
    digest  BYTEA NOT NULL,
    PRIMARY KEY (user_id, digest)
);
)";

// Which address somebody proved to be theirs, mails that wait, and links that were mailed (see
// mails.hpp). The address is kept and not only a mark: a program of the version before changes
// addresses and knows of no mark.
constexpr const char* version_9 = R"(
ALTER TABLE gatehouse.users
    ADD COLUMN verified_email BYTEA NOT NULL DEFAULT '',
    ADD COLUMN verified_at BIGINT NOT NULL DEFAULT 0;

CREATE TABLE gatehouse.mails (
    id          BYTEA PRIMARY KEY,
    kind        BIGINT NOT NULL,
    user_id     BYTEA NOT NULL REFERENCES gatehouse.users (id) ON DELETE CASCADE,
    address     BYTEA NOT NULL,
    created     BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL,
    attempts    BIGINT NOT NULL,
    next_try_ms BIGINT NOT NULL,
    UNIQUE (user_id, kind, address)
);
CREATE INDEX mails_by_next_try ON gatehouse.mails (next_try_ms);
CREATE INDEX mails_by_expiry ON gatehouse.mails (expires_at);

CREATE TABLE gatehouse.links (
    digest     BYTEA PRIMARY KEY,
    purpose    BIGINT NOT NULL,
    user_id    BYTEA NOT NULL REFERENCES gatehouse.users (id) ON DELETE CASCADE,
    address    BYTEA NOT NULL,
    expires_at BIGINT NOT NULL,
    UNIQUE (user_id, purpose)
);
CREATE INDEX links_by_expiry ON gatehouse.links (expires_at);
)";

/// From one version to the next. A line that was released is never edited.
struct Migration {
    const char* sql;
    std::int64_t usable_from; // the oldest program that can work with the outcome
};

constexpr std::array migrations = {
    Migration{version_1, 1},
    Migration{version_2, 1},
    Migration{version_3, 1},
    Migration{version_4, 1},
    Migration{version_5, 1},
    Migration{version_6, 1},
    Migration{version_7, 1},
    Migration{version_8, 1},
    Migration{version_9, 1},
};
constexpr auto newest_version = static_cast<std::int64_t>(migrations.size());

// Somebody else is changing the tables, and is done in a moment.
constexpr int migration_attempts = 20;
constexpr auto migration_pause = std::chrono::milliseconds{100};

[[nodiscard]] SchemaVersion version_of(Connection& connection, const std::string& lock = {})
{
    auto row = connection.execute("SELECT version, usable_from FROM gatehouse.schema" + lock);
    if (!row.next()) throw Failure(Failure::Kind::missing, "gatehouse.schema has no row");
    return {row.integer(0), row.integer(1)};
}

/// What is there, without a lock or a write if it is there: most starts find it so.
[[nodiscard]] SchemaVersion find_or_begin(Connection& connection)
{
    try {
        return version_of(connection);
    } catch (const Failure& failure) {
        if (failure.kind() != Failure::Kind::missing) throw;
    }
    // IF NOT EXISTS does not keep two from trying at once; one of them fails, and comes again.
    connection.execute(version_table);
    return version_of(connection);
}

[[nodiscard]] Result<void, std::string> require_not_newer(const SchemaVersion& found)
{
    if (found.usable_from > newest_version) {
        return {boost::system::in_place_error,
                "was changed by a newer Gatehouse (its version is " +
                    std::to_string(found.version) + ", this program knows " +
                    std::to_string(newest_version) + "); run that one, or restore a backup"};
    }
    return {};
}

[[nodiscard]] Result<void, std::string> migrate(Connection& connection)
{
    Transaction transaction(connection, Access::write);
    // Said here and not once for the connection: a pooler may give each transaction another one.
    // Whoever waits for a table's lock makes others wait behind it, so that is given up soon and
    // tried again: before the server's deadlock_timeout (1 s, unless somebody changed it), so that
    // in a tangle with those who read two tables it is us who give way.
    connection.execute("SET LOCAL lock_timeout = '500ms'; SET LOCAL statement_timeout = '1min'");
    const auto found = version_of(connection, " FOR UPDATE"); // others wait here
    // It may have been a newer one for whom we waited.
    if (auto usable = require_not_newer(found); !usable) return usable;
    for (auto next = found.version; next < newest_version; ++next) {
        const auto& migration = migrations.at(static_cast<std::size_t>(next));
        connection.execute(migration.sql);
        connection.execute("UPDATE gatehouse.schema SET version = " + std::to_string(next + 1) +
                           ", usable_from = " + std::to_string(migration.usable_from));
    }
    transaction.commit();
    return {};
}

} // namespace

SchemaVersion schema_version(Connection& connection)
{
    try {
        return version_of(connection);
    } catch (const Failure& failure) {
        if (failure.kind() != Failure::Kind::missing) throw;
        return {};
    }
}

std::int64_t newest_schema_version() noexcept
{
    return newest_version;
}

Result<void, std::string> require_usable(Connection& connection)
{
    return require_not_newer(schema_version(connection));
}

Result<void, std::string> bring_up_to_date(Connection& connection)
{
    const auto found = find_or_begin(connection);
    auto usable = require_not_newer(found);
    if (!usable) return usable;
    return found.version < newest_version ? migrate(connection) : usable;
}

Result<void, std::string> bring_up_to_date_beside_others(Connection& connection)
{
    for (int attempt = 1;; ++attempt) {
        try {
            return bring_up_to_date(connection);
        } catch (const Failure& failure) {
            if (failure.kind() == Failure::Kind::lost || attempt == migration_attempts) throw;
            std::this_thread::sleep_for(migration_pause);
        }
    }
}

} // namespace gatehouse::auth::postgres
