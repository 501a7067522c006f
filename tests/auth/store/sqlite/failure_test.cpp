#include "auth/store/sqlite/database.hpp"
#include "auth/store/sqlite/file_lock.hpp"
#include "auth/store/sqlite/open.hpp"
#include "tests/auth/store/contract.hpp"

#include <gmock/gmock.h>

#include <sys/resource.h>

#include <csignal>
#include <fstream>

/// What callers see when the disk is full, the file locked or damaged: R63, T11.
namespace gatehouse::auth::sqlite {
namespace {

using namespace std::chrono_literals;
using namespace contract;
namespace fs = std::filesystem;

/// While it lives, no file of this process grows beyond `bytes`: a full disk.
class FullDisk {
public:
    explicit FullDisk(std::uintmax_t bytes) : signal_(std::signal(SIGXFSZ, SIG_IGN))
    {
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit full{bytes, before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &full);
    }

    FullDisk(const FullDisk&) = delete;
    FullDisk& operator=(const FullDisk&) = delete;

    ~FullDisk()
    {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, signal_);
    }

private:
    void (*signal_)(int);
    rlimit before_{};
};

class SqliteTrouble : public testing::Test {
protected:
    SqliteTrouble() : store(open_kind("sqlite", folder.path()))
    {
        must(store->create_user(user_called("u1", "ada"), {}, noon));
        must(store->create_session(session_of("u1", "s1"), {}, noon));
    }

    TemporaryFolder folder;
    fs::path path = folder.path() / "gatehouse.db";
    std::unique_ptr<Store> store;
};

TEST_F(SqliteTrouble, AFullDiskRefusesWritesAndKeepsReading)
{
    {
        const FullDisk full(fs::file_size(path.string() + "-wal"));
        const auto rotated = store->rotate("s1", 1, refreshed(noon), noon);
        ASSERT_FALSE(rotated);
        EXPECT_EQ(rotated.error(), StoreError::unavailable);
        EXPECT_EQ(store->block_user("u1", noon).error(), StoreError::unavailable);
        EXPECT_EQ(must(store->find_session("s1"))->generation, 1U);
        EXPECT_TRUE(must(store->find_user_by_name("ada")));
    }
    // Once there is room, it works again by itself, and nothing of the failed writes is there.
    EXPECT_FALSE(must(store->find_user("u1"))->blocked);
    EXPECT_TRUE(must(store->changes_after(0, 9)).empty());
    EXPECT_TRUE(must(store->rotate("s1", 1, refreshed(noon), noon)));
}

TEST_F(SqliteTrouble, ADiskThatFillsInTheMiddleOfAJobLosesAllOfIt)
{
    for (int i = 0; i < 200; ++i) {
        must(store->create_session(session_of("u1", "s" + std::to_string(i + 2)), {}, noon));
    }
    // More pages than SQLite keeps dirty in memory: it begins to write before the commit.
    auto large = session_of("u1", "large");
    large.user_agent.assign(16UL * 1024 * 1024, 'x');
    {
        const FullDisk full(fs::file_size(path.string() + "-wal") + 1024 * 1024);
        EXPECT_EQ(store->create_session(large, {.max_per_user = 1}, noon).error(),
                  StoreError::unavailable);
    }
    EXPECT_FALSE(must(store->find_session("large")));
    EXPECT_EQ(must(store->list_sessions("u1", noon)).size(), 201U);
    EXPECT_TRUE(must(store->changes_after(0, 9)).empty());
}

TEST_F(SqliteTrouble, AcknowledgesNothingThatWouldGoToADeletedFile) // DESIGN promise 7
{
    const auto elsewhere = folder.path() / "moved.db";
    const auto rename_all = [](const fs::path& from, const fs::path& to) {
        for (const auto* end : {"", "-wal", "-shm"})
            fs::rename(from.string() + end, to.string() + end);
    };
    rename_all(path, elsewhere);
    EXPECT_EQ(store->block_user("u1", noon).error(), StoreError::unavailable);
    EXPECT_EQ(store->changes_after(0, 9).error(),
              StoreError::unavailable); // others write elsewhere
    // Put back, it works again by itself, and nothing of the failed write is there.
    rename_all(elsewhere, path);
    EXPECT_FALSE(must(store->find_user("u1"))->blocked);
    must(store->block_user("u1", noon));
}

TEST_F(SqliteTrouble, AcknowledgesNothingThatWouldGoToALogWithoutItsName) // DESIGN promise 7
{
    must(store->changes_after(0, 9)); // the watch has seen where they are
    for (const auto* end : {"-wal", "-shm"}) {
        SCOPED_TRACE(end);
        const auto name = path.string() + end;
        fs::rename(name, folder.path() / "aside");
        for (const auto* meanwhile : {"nothing", "another"}) {
            SCOPED_TRACE(meanwhile);
            if (meanwhile == std::string_view("another")) std::ofstream{name};
            EXPECT_EQ(store->block_user("u1", noon).error(), StoreError::unavailable);
            EXPECT_EQ(store->changes_after(0, 9).error(), StoreError::unavailable);
        }
        fs::rename(folder.path() / "aside", name);
        EXPECT_FALSE(must(store->find_user("u1"))->blocked);
        must(store->create_session(session_of("u1", end), {}, noon));
    }
}

TEST_F(SqliteTrouble, KeepsWhatItAcknowledgedWhenSomebodyDeletesTheLog) // DESIGN promise 7
{
    must(store->create_session(session_of("u1", "s9"), {}, noon));
    fs::remove(path.string() + "-wal");
    EXPECT_EQ(store->block_user("u1", noon).error(), StoreError::unavailable);
    // The next process finds the file alone, as after a kill.
    const auto alone = folder.path() / "alone.db";
    fs::copy_file(path, alone);
    const auto next = *open_store("sqlite:" + alone.string(), StoreRole::gateway);
    EXPECT_TRUE(must(next->find_session("s9")));
    EXPECT_FALSE(must(next->find_user("u1"))->blocked);
}

TEST_F(SqliteTrouble, WritesNothingOverAFileThatWasRestoredUnderIt)
{
    const auto backup = folder.path() / "backup.db";
    Database(path.string(), 10s).execute(("VACUUM INTO '" + backup.string() + "'").c_str());
    must(store->create_session(session_of("u1", "s9"), {}, noon));
    for (const auto* end : {"-wal", "-shm"}) fs::remove(path.string() + end);
    fs::copy_file(backup, path, fs::copy_options::overwrite_existing);
    EXPECT_EQ(store->block_user("u1", noon).error(), StoreError::unavailable);
    const auto alone = folder.path() / "alone.db";
    fs::copy_file(path, alone);
    const auto next = *open_store("sqlite:" + alone.string(), StoreRole::gateway);
    EXPECT_FALSE(must(next->find_session("s9")));
    EXPECT_TRUE(must(next->find_user("u1")));
}

TEST_F(SqliteTrouble, AGatewayAnswersWithinASecondWhileAnotherProcessHoldsTheLock) // R63
{
    auto gateway = open_store("sqlite:" + path.string(), StoreRole::gateway);
    ASSERT_TRUE(gateway);
    const auto other = FileLock::open(path.string());
    const auto held = other->acquire(10s);
    ASSERT_TRUE(held);
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ((*gateway)->end_session("s1", noon).error(), StoreError::unavailable);
    // A second is promised; other tests share the machine.
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
    EXPECT_FALSE(must((*gateway)->find_session("s1"))->ended_at); // reading needs no lock
}

TEST_F(SqliteTrouble, SaysWhyToWhoeverRunsIt)
{
    std::vector<std::string> said;
    StoreOptions options;
    options.on_failure = [&](std::string_view why, std::uint64_t) { said.emplace_back(why); };
    // A failure is said at once, later ones within a second are not: a store for each.
    const auto open_again = [&] {
        return *open_store("sqlite:" + path.string(), StoreRole::gateway, options);
    };
    {
        const auto full_store = open_again();
        const FullDisk full(fs::file_size(path.string() + "-wal"));
        ASSERT_FALSE(full_store->block_user("u1", noon));
    }
    {
        const auto locked_store = open_again();
        const auto other = FileLock::open(path.string());
        const auto held = other->acquire(10s);
        ASSERT_FALSE(locked_store->end_session("s1", noon));
    }
    {
        const auto damaged_store = open_again();
        Database(path.string(), 10s).execute("DROP TABLE superseded");
        ASSERT_FALSE(damaged_store->find_session("s1"));
    }
    EXPECT_THAT(said,
                testing::ElementsAre("disk I/O error",
                                     "a write took too long: another Gatehouse process is writing",
                                     "no such table: superseded"));
}

TEST_F(SqliteTrouble, ADamagedTableIsUnavailableAndNoCrash)
{
    Database(path.string(), 10s).execute("DROP TABLE superseded");
    EXPECT_EQ(store->find_session("s1").error(), StoreError::unavailable);
    EXPECT_EQ(store->rotate("s1", 1, refreshed(noon), noon).error(), StoreError::unavailable);
    Database direct(path.string(), 10s); // the half-done rotation was undone
    EXPECT_EQ(direct.integer("SELECT generation FROM sessions"), 1);
}

TEST_F(SqliteTrouble, ABlockedUserCannotRotateASessionThatEscapedTheBlock) // R46
{
    // Blocking ends every session it sees. Should one ever escape, by a restored backup or an
    // operator's own SQL, the rotation still asks who owns it.
    Database(path.string(), 10s).execute("UPDATE users SET blocked = 1");
    EXPECT_FALSE(must(store->rotate("s1", 1, refreshed(noon), noon)));
    Database(path.string(), 10s).execute("PRAGMA foreign_keys = ON; DELETE FROM users");
    EXPECT_FALSE(must(store->rotate("s1", 1, refreshed(noon), noon)));
    EXPECT_EQ(must(store->find_session("s1"))->generation, 1U);
}

} // namespace
} // namespace gatehouse::auth::sqlite
