#include "auth/store/sqlite/open.hpp"
#include "auth/store/sqlite/transaction.hpp"
#include "tests/auth/store/contract.hpp"
#include "tests/auth/store/together.hpp"

#include <gmock/gmock.h>

#include <fstream>

/// From version 1 of the tables to the newest, beside a program of version 1.
namespace gatehouse::auth::sqlite {
namespace {

using namespace std::chrono_literals;
using contract::must;
using contract::noon;
using contract::refreshed;
using testing::ElementsAre;
using testing::HasSubstr;
namespace fs = std::filesystem;

// Word for word what that version made.
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

CREATE TABLE names (
    folded  TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX names_by_user ON names (user_id);

CREATE TABLE invites (
    hash       TEXT PRIMARY KEY,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

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

CREATE TABLE changes (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    kind     INTEGER NOT NULL,
    subject  TEXT NOT NULL,
    roles    TEXT NOT NULL,
    at_ms    INTEGER NOT NULL
) STRICT;
CREATE INDEX changes_by_time ON changes (at_ms);
)";

/// A program of version 1 in small: its tables, and some of its statements.
class Version1 {
public:
    explicit Version1(const fs::path& path) : database_(path.string(), 5s)
    {
        database_.execute("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON");
        database_.execute("PRAGMA journal_mode = WAL");
        Transaction transaction(database_, Transaction::Kind::write);
        const auto found = database_.integer("PRAGMA user_version");
        if (found > 1) throw std::runtime_error("was written by a newer Gatehouse");
        if (found == 0) database_.execute(version_1);
        database_.execute("PRAGMA user_version = 1; PRAGMA application_id = 1196705875");
        transaction.commit();
    }

    void register_user(const std::string& user, const std::string& session)
    {
        Transaction transaction(database_, Transaction::Kind::write);
        database_.run("INSERT INTO users (id, username, folded_username, password_hash, roles, "
                      "blocked, created) VALUES (?1, ?1, ?1, 'hash', '', 0, ?2)",
                      user, noon);
        database_.run("INSERT INTO names VALUES (?1, ?1)", user);
        database_.run("INSERT INTO sessions (id, user_id, generation, issued_at, expires_at, "
                      "login_at, used_ms, delivery, address, user_agent, ended_ms) "
                      "VALUES (?1, ?2, 1, ?3, ?4, ?3, ?5, 0, '', '', NULL)",
                      session, user, noon, noon + contract::year, Millis{noon});
        transaction.commit();
    }

    bool refresh(const std::string& session, std::int64_t from)
    {
        Transaction transaction(database_, Transaction::Kind::write);
        const auto rotated =
            database_.run("UPDATE sessions SET generation = ?2 + 1, used_ms = ?3 WHERE id = ?1 "
                          "AND generation = ?2 AND ended_ms IS NULL AND expires_at * 1000 > ?3 "
                          "AND EXISTS (SELECT 1 FROM users WHERE users.id = user_id "
                          "AND NOT blocked)",
                          session, from, Millis{noon});
        transaction.commit();
        return rotated > 0;
    }

    void log_out(const std::string& session)
    {
        Transaction transaction(database_, Transaction::Kind::write);
        database_.run("UPDATE sessions SET ended_ms = ?2 WHERE id = ?1", session, Millis{noon});
        database_.run("INSERT INTO changes (kind, subject, roles, at_ms) VALUES (0, ?1, '', ?2)",
                      session, Millis{noon});
        transaction.commit();
    }

private:
    Database database_;
};

class UpgradeSqlite : public testing::Test {
protected:
    UpgradeSqlite() { std::ofstream{path}; }

    [[nodiscard]] auto try_open() const
    {
        return open(path, StoreRole::gateway, {.patience = 20s});
    }

    [[nodiscard]] std::unique_ptr<Store> open_store() const
    {
        auto opened = try_open();
        if (!opened) throw std::runtime_error(opened.error());
        return std::move(*opened);
    }

    [[nodiscard]] std::int64_t ask(const char* sql) const
    {
        return Database(path.string(), 5s).integer(sql);
    }

    contract::TemporaryFolder folder;
    fs::path path = folder.path() / "gatehouse.db";
};

TEST_F(UpgradeSqlite, BothVersionsServeOneFile)
{
    Version1 old(path);
    old.register_user("u", "s");
    const auto store = open_store();
    EXPECT_EQ(ask("SELECT version FROM schema"), 9);
    EXPECT_TRUE(must(store->rotate("s", 1, refreshed(noon), noon)));
    EXPECT_FALSE(old.refresh("s", 1));
    EXPECT_TRUE(old.refresh("s", 2));
    EXPECT_EQ(must(store->find_session("s"))->generation, 3U);
    EXPECT_THAT(must(store->find_session("s"))->amr, ElementsAre("pwd"));
    old.log_out("s");
    EXPECT_FALSE(must(store->rotate("s", 3, refreshed(noon), noon)));
    EXPECT_EQ(must(store->changes_after(0, 9)).at(0).subject, "s");
    EXPECT_TRUE(must(store->take_lease("tidy", "a", noon, noon + 1s)));

    Version1 restarted(path); // and leaves the version as it is
    restarted.register_user("v", "t");
    EXPECT_THAT(must(store->find_session("t"))->amr, ElementsAre("pwd"));
    EXPECT_EQ(ask("SELECT version FROM schema"), 9);
    EXPECT_TRUE(try_open());
}

TEST_F(UpgradeSqlite, ManyMigrateAtOnceAndOneDoesIt)
{
    Version1(path).register_user("u", "s");
    contract::together(4, [&](int i) {
        const auto store = open_store();
        EXPECT_TRUE(must(store->find_session("s")));
        EXPECT_TRUE(must(store->replace_keys(std::to_string(i), 0, "bytes", noon)));
    });
    EXPECT_EQ(ask("SELECT version FROM schema"), 9);
    EXPECT_EQ(ask("SELECT count(*) FROM kept_keys"), 4);
}

TEST_F(UpgradeSqlite, AMigrationThatFailsHalfWayLeavesTheOldVersionWhole)
{
    Version1 old(path);
    old.register_user("u", "s");
    Database(path.string(), 5s).execute("CREATE TABLE kept_keys (none)");
    const auto opened = try_open();
    ASSERT_FALSE(opened);
    EXPECT_THAT(opened.error(), HasSubstr("kept_keys"));
    EXPECT_EQ(ask("PRAGMA user_version"), 1);
    EXPECT_EQ(ask("SELECT count(*) FROM sqlite_schema WHERE name IN ('schema', 'leases')"), 0);
    EXPECT_TRUE(old.refresh("s", 1));

    Database(path.string(), 5s).execute("DROP TABLE kept_keys");
    EXPECT_TRUE(must(open_store()->find_session("s")));
    EXPECT_EQ(ask("SELECT version FROM schema"), 9);
}

TEST_F(UpgradeSqlite, AProgramOfVersion1RefusesWhatItCannotUse)
{
    static_cast<void>(open_store());
    EXPECT_NO_THROW(Version1{path});
    Database(path.string(), 5s).execute("PRAGMA user_version = 2"); // as a version that contracts
    EXPECT_THROW(Version1{path}, std::runtime_error);
    EXPECT_TRUE(try_open());
}

} // namespace
} // namespace gatehouse::auth::sqlite
