#include "auth/store/sqlite/schema.hpp"

#include "auth/store/sqlite/transaction.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::auth::sqlite {

namespace {

// "GTHS": says whose file this is, also to file(1).
constexpr std::int64_t our_application_id = 0x47544853;

// Times are counted from 1970: in milliseconds where a name ends in `_ms`, in whole seconds, as
// tokens do, elsewhere. Roles are lists as in string_list.hpp.
constexpr const char* version_1 = R"(
CREATE TABLE users (
    id               TEXT PRIMARY KEY,
    username         TEXT,
    folded_username  TEXT,
    email            TEXT,
    folded_email     TEXT,
    password_hash    TEXT NOT NULL,
    roles            TEXT NOT NULL,
    roles_changed_ms INTEGER,
    blocked          INTEGER NOT NULL,
    created          INTEGER NOT NULL
) STRICT;
CREATE INDEX users_by_creation ON users (created, id);
CREATE INDEX users_blocked ON users (id) WHERE blocked;
CREATE INDEX users_by_role_change ON users (roles_changed_ms) WHERE roles_changed_ms IS NOT NULL;

-- One namespace for usernames and e-mail addresses: the key is what makes them unique.
CREATE TABLE names (
    folded  TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX names_by_user ON names (user_id);

CREATE TABLE invites (
    hash       TEXT PRIMARY KEY,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A session outlives its deleted user for as long as its access tokens might: no foreign key.
CREATE TABLE sessions (
    number     INTEGER PRIMARY KEY,
    id         TEXT NOT NULL UNIQUE,
    user_id    TEXT NOT NULL,
    generation INTEGER NOT NULL,
    issued_at  INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    login_at   INTEGER NOT NULL,
    used_ms    INTEGER NOT NULL,
    delivery   INTEGER NOT NULL,
    address    TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    ended_ms   INTEGER
) STRICT;
CREATE INDEX sessions_by_user ON sessions (user_id) WHERE ended_ms IS NULL;
CREATE INDEX sessions_by_end ON sessions (ended_ms) WHERE ended_ms IS NOT NULL;
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE superseded (
    session    INTEGER NOT NULL REFERENCES sessions (number) ON DELETE CASCADE,
    generation INTEGER NOT NULL,
    at_ms      INTEGER NOT NULL,
    PRIMARY KEY (session, generation)
) STRICT, WITHOUT ROWID;

-- AUTOINCREMENT: a number is never used again, also when the newest rows were forgotten.
CREATE TABLE changes (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    kind     INTEGER NOT NULL,
    subject  TEXT NOT NULL,
    roles    TEXT NOT NULL,
    at_ms    INTEGER NOT NULL
) STRICT;
CREATE INDEX changes_by_time ON changes (at_ms);
)";

// Only new tables: a program of version 1 goes on as if nothing had happened. From here on the
// version is in `schema`, and `user_version`, at which programs of every version look, is the
// oldest version of a program that can still work with the file.
constexpr const char* version_2 = R"(
CREATE TABLE schema (
    one     INTEGER PRIMARY KEY CHECK (one = 1),
    version INTEGER NOT NULL
) STRICT;
INSERT INTO schema VALUES (1, 2);

CREATE TABLE leases (
    name     TEXT PRIMARY KEY,
    holder   TEXT NOT NULL,
    until_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Encrypted before it comes here. `version` counts the replacements.
CREATE TABLE kept_keys (
    name    TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    bytes   BLOB NOT NULL
) STRICT, WITHOUT ROWID;
)";

// Who serves, and how far each has heard the feed (see replica_book.hpp). A new table only.
constexpr const char* version_3 = R"(
CREATE TABLE replicas (
    id      TEXT PRIMARY KEY,
    applied INTEGER NOT NULL,
    beat    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
)";

// What PostgreSQL got: a version is the same for both. Here one process serves, and counts attempts
// in its memory.
constexpr const char* version_4 = "";

// One row per security event (see audit_trail.hpp). A new table only.
constexpr const char* version_5 = R"(
CREATE TABLE audit (
    number     INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms      INTEGER NOT NULL,
    event      TEXT NOT NULL,
    outcome    TEXT NOT NULL,
    user_id    TEXT NOT NULL,
    session_id TEXT NOT NULL,
    address    TEXT NOT NULL,
    request_id TEXT NOT NULL,
    detail     TEXT NOT NULL
) STRICT;
CREATE INDEX audit_by_time ON audit (at_ms);
CREATE INDEX audit_by_user ON audit (user_id, at_ms);
)";

// How a session's user signed in, and the generation whose pair nobody was seen to use. A program
// of the version before knows passwords only, and looks at no pair.
constexpr const char* version_6 = R"(
ALTER TABLE sessions ADD COLUMN amr TEXT NOT NULL DEFAULT '3:pwd,';
ALTER TABLE sessions ADD COLUMN unseen INTEGER NOT NULL DEFAULT 0;

-- What machines show instead of logging in (see api_keys.hpp).
CREATE TABLE api_keys (
    id         TEXT PRIMARY KEY,
    user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name       TEXT NOT NULL,
    digest     BLOB NOT NULL,
    scopes     TEXT NOT NULL,
    created    INTEGER NOT NULL,
    expires_at INTEGER,
    used_at    INTEGER,
    revoked_ms INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX api_keys_by_user ON api_keys (user_id);
CREATE INDEX api_keys_by_end ON api_keys (revoked_ms) WHERE revoked_ms IS NOT NULL;
CREATE INDEX api_keys_by_expiry ON api_keys (expires_at) WHERE expires_at IS NOT NULL;
)";

// What people sign in with instead of a password (see passkeys.hpp), and what is good for once and
// was used. New tables only.
constexpr const char* version_7 = R"(
CREATE TABLE passkeys (
    id              BLOB PRIMARY KEY,
    user_id         TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name            TEXT NOT NULL,
    cose_key        BLOB NOT NULL,
    aaguid          BLOB NOT NULL,
    transports      TEXT NOT NULL,
    sign_count      INTEGER NOT NULL,
    backup_eligible INTEGER NOT NULL,
    backed_up       INTEGER NOT NULL,
    created         INTEGER NOT NULL,
    used_at         INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX passkeys_by_user ON passkeys (user_id);

CREATE TABLE spent (
    digest     BLOB PRIMARY KEY,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX spent_by_expiry ON spent (expires_at);
)";

// What is asked of a user besides the password (see second_factors.hpp). New tables only: a program
// of the version before does not ask for it.
constexpr const char* version_8 = R"(
CREATE TABLE second_factors (
    user_id   TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    sealed    BLOB NOT NULL,
    in_force  INTEGER NOT NULL,
    created   INTEGER NOT NULL,
    last_used INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE recovery_codes (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    digest  BLOB NOT NULL,
    PRIMARY KEY (user_id, digest)
) STRICT, WITHOUT ROWID;
)";

// Which address somebody proved to be theirs, mails that wait, and links that were mailed (see
// mails.hpp). The address is kept and not only a mark: a program of the version before changes
// addresses and knows of no mark.
constexpr const char* version_9 = R"(
ALTER TABLE users ADD COLUMN verified_email TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN verified_at INTEGER NOT NULL DEFAULT 0;

CREATE TABLE mails (
    id          TEXT PRIMARY KEY,
    kind        INTEGER NOT NULL,
    user_id     TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    address     TEXT NOT NULL,
    created     INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL,
    attempts    INTEGER NOT NULL,
    next_try_ms INTEGER NOT NULL,
    UNIQUE (user_id, kind, address)
) STRICT, WITHOUT ROWID;
CREATE INDEX mails_by_next_try ON mails (next_try_ms);
CREATE INDEX mails_by_expiry ON mails (expires_at);

CREATE TABLE links (
    digest     BLOB PRIMARY KEY,
    purpose    INTEGER NOT NULL,
    user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    address    TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    UNIQUE (user_id, purpose)
) STRICT, WITHOUT ROWID;
CREATE INDEX links_by_expiry ON links (expires_at);
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

[[nodiscard]] SchemaVersion version_of(Database& database)
{
    SchemaVersion found;
    found.usable_from = database.integer("PRAGMA user_version");
    const bool has_table =
        database.integer("SELECT count(*) FROM sqlite_schema WHERE name = 'schema'") > 0;
    found.version = has_table ? database.integer("SELECT version FROM schema") : found.usable_from;
    return found;
}

[[nodiscard]] Result<void, std::string> refusal(std::string sentence)
{
    return {boost::system::in_place_error, std::move(sentence)};
}

[[nodiscard]] Result<void, std::string> require_ours(Database& database)
{
    const auto application = database.integer("PRAGMA application_id");
    const auto tables = database.integer("SELECT count(*) FROM sqlite_schema");
    if (application == our_application_id || (application == 0 && tables == 0)) return {};
    return refusal("is a database of another program; name a file of its own for Gatehouse");
}

[[nodiscard]] Result<void, std::string> migrate(Database& database)
{
    Transaction transaction(database, Transaction::Kind::write);
    const auto found = version_of(database);
    if (found.usable_from > newest_version) {
        return refusal("was written by a newer Gatehouse (its version is " +
                       std::to_string(std::max(found.version, found.usable_from)) +
                       ", this program knows " + std::to_string(newest_version) +
                       "); run that one, or restore a backup");
    }
    for (auto next = found.version; next < newest_version; ++next) {
        const auto& migration = migrations.at(static_cast<std::size_t>(next));
        database.execute(migration.sql);
        database.execute(
            ("PRAGMA user_version = " + std::to_string(migration.usable_from)).c_str());
    }
    if (found.version < newest_version) {
        database.run("UPDATE schema SET version = ?1", newest_version);
    }
    database.execute(("PRAGMA application_id = " + std::to_string(our_application_id)).c_str());
    transaction.commit();
    return {};
}

[[nodiscard]] Result<void, std::string> switch_to_wal(Database& database)
{
    auto mode = database.query("PRAGMA journal_mode = WAL");
    if (mode.next() && mode.text(0) == "wal") return {};
    return refusal("cannot be used in WAL mode; keep it on a local disk, not a network one");
}

} // namespace

Result<SchemaVersion, std::string> schema_version(Database& database)
{
    if (auto ours = require_ours(database); !ours) {
        return {boost::system::in_place_error, ours.error()};
    }
    return version_of(database);
}

std::int64_t newest_schema_version() noexcept
{
    return newest_version;
}

Result<void, std::string> bring_up_to_date(Database& database)
{
    if (auto ours = require_ours(database); !ours) return ours;
    if (database.is_read_only()) {
        return refusal("cannot be written; give this user the right to write it");
    }
    if (auto wal = switch_to_wal(database); !wal) return wal;
    return migrate(database);
}

} // namespace gatehouse::auth::sqlite
