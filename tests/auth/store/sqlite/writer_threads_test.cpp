#include "auth/store/sqlite/writer.hpp"
#include "tests/auth/store/contract.hpp"
#include "tests/auth/store/together.hpp"

#include <atomic>
#include <fstream>

namespace gatehouse::auth::sqlite {
namespace {

using namespace std::chrono_literals;
using contract::must;
using contract::together;

/// A writer over a small table of its own, and a second connection that looks at what it left.
class GroupCommit : public testing::Test {
protected:
    GroupCommit() : path((folder.path() / "test.db").string())
    {
        std::ofstream{path};
        Database database(path, 10s);
        database.execute("PRAGMA journal_mode = WAL");
        database.execute("PRAGMA synchronous = FULL");
        database.execute("PRAGMA foreign_keys = ON");
        // A child without parent is noticed at COMMIT, not before: a way to make COMMIT fail.
        database.execute("CREATE TABLE parents (id INTEGER PRIMARY KEY);"
                         "CREATE TABLE rows (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES "
                         "parents (id) DEFERRABLE INITIALLY DEFERRED)");
        writing = std::make_unique<Database>(std::move(database));
    }

    [[nodiscard]] std::unique_ptr<Writer> start(WriterLimits limits = {.patience = 60s})
    {
        auto lock = FileLock::open(path);
        return std::make_unique<Writer>(std::move(*writing), std::move(*lock), StoreRole::gateway,
                                        limits, failures);
    }

    [[nodiscard]] bool is_there(int id) const
    {
        Database database(path, 10s);
        return database.query("SELECT 1 FROM rows WHERE id = ?1", id).next();
    }

    /// A job that inserts the row `id`, and then ends as told.
    [[nodiscard]] static auto insert(int id, Result<int, StoreError> answer)
    {
        return [id, answer](Database& database) -> Result<int, StoreError> {
            database.run("INSERT INTO rows VALUES (?1, NULL)", id);
            return answer;
        };
    }

    contract::TemporaryFolder folder;
    std::string path;
    std::unique_ptr<Database> writing;
    FailureReport failures{{}};
};

TEST_F(GroupCommit, AnswersWhatTheJobSaid)
{
    const auto writer = start();
    EXPECT_EQ(must(writer->run(insert(1, 42))), 42);
    EXPECT_TRUE(is_there(1));
}

TEST_F(GroupCommit, AnErrorUndoesThatJobAlone)
{
    const auto writer = start();
    together(8, [&](int i) {
        if (i % 2 == 0) {
            EXPECT_EQ(must(writer->run(insert(i, i))), i);
        } else {
            EXPECT_EQ(writer->run(insert(i, StoreError::blocked)).error(), StoreError::blocked);
        }
    });
    for (int i = 0; i < 8; ++i) EXPECT_EQ(is_there(i), i % 2 == 0) << i;
}

TEST_F(GroupCommit, AFailedStatementUndoesThatJobAlone)
{
    const auto writer = start();
    ASSERT_TRUE(writer->run(insert(100, 0)));
    together(8, [&](int i) {
        const auto answer = writer->run([i](Database& database) -> Result<int, StoreError> {
            database.run("INSERT INTO rows VALUES (?1, NULL)", i);
            if (i % 2 == 1) database.run("INSERT INTO rows VALUES (100, NULL)"); // a duplicate
            return i;
        });
        if (i % 2 == 0)
            EXPECT_EQ(must(answer), i);
        else
            EXPECT_EQ(answer.error(), StoreError::unavailable);
    });
    for (int i = 0; i < 8; ++i) EXPECT_EQ(is_there(i), i % 2 == 0) << i;
}

TEST_F(GroupCommit, OnlyWhatWasCommittedIsAcknowledged)
{
    // Some jobs make the COMMIT of their whole batch fail. Who is hit depends on who waits
    // together; what must hold in every case: acknowledged means there, unavailable means not.
    const auto writer = start();
    constexpr int rounds = 25;
    std::atomic<int> lost = 0;
    together(6, [&](int i) {
        for (int round = 0; round < rounds; ++round) {
            const int id = i * rounds + round;
            const auto answer = writer->run([id, i](Database& database) -> Result<int, StoreError> {
                const auto orphan = i == 0 ? std::optional<std::int64_t>(7) : std::nullopt;
                database.run("INSERT INTO rows VALUES (?1, ?2)", id, orphan);
                return id;
            });
            if (i == 0) EXPECT_FALSE(answer);
            EXPECT_EQ(answer.has_value(), is_there(id));
            if (!answer) {
                EXPECT_EQ(answer.error(), StoreError::unavailable);
                ++lost;
            }
        }
    });
    EXPECT_GE(lost, rounds);
    EXPECT_TRUE(writer->run(insert(1'000'000, 1))); // and the writer goes on
}

TEST_F(GroupCommit, NobodyWaitsForEverForALock)
{
    const auto writer = start({.patience = 50ms});
    const auto other_process = FileLock::open(path);
    {
        const auto held = other_process->acquire(0s);
        ASSERT_TRUE(held);
        EXPECT_EQ(writer->run(insert(1, 1)).error(), StoreError::unavailable);
    }
    ASSERT_TRUE(other_process->acquire(10s)); // and gives it back at once
    EXPECT_FALSE(is_there(1));                // given up means never done, also not later
}

TEST_F(GroupCommit, NobodyWaitsForEverForAnotherProgramsTransaction)
{
    const auto writer = start({.patience = 50ms});
    Database other_program(path, 10s);
    other_program.execute("BEGIN IMMEDIATE");
    EXPECT_EQ(writer->run(insert(1, 1)).error(), StoreError::unavailable);
    other_program.execute("ROLLBACK");
    EXPECT_FALSE(is_there(1));
}

TEST_F(GroupCommit, WhoComesLaterDoesNotWaitAsLongAgain) // R63
{
    const auto writer = start({.patience = 3s});
    const auto other_process = FileLock::open(path);
    auto held = std::make_unique<FileLock::Held>(other_process->acquire(0s));
    ASSERT_TRUE(*held);
    EXPECT_EQ(writer->run(insert(1, 1)).error(), StoreError::unavailable);
    const auto began = std::chrono::steady_clock::now();
    EXPECT_EQ(writer->run(insert(2, 2)).error(), StoreError::unavailable);
    EXPECT_LT(std::chrono::steady_clock::now() - began, 2100ms);
    held.reset();
    while (!writer->run(insert(3, 3))) {
    }
    EXPECT_FALSE(is_there(1));
    EXPECT_FALSE(is_there(2));
    EXPECT_TRUE(is_there(3));
}

TEST_F(GroupCommit, AFullQueueRefusesAtOnce)
{
    const auto writer = start({.patience = 60s, .max_queued = 2});
    const auto other_process = FileLock::open(path);
    auto held = std::make_unique<FileLock::Held>(other_process->acquire(0s));
    ASSERT_TRUE(*held);
    std::atomic<int> refused = 0;
    std::atomic<int> done = 0;
    together(3, [&](int i) {
        if (writer->run(insert(i, i))) {
            ++done;
        } else {
            ++refused;
            held.reset(); // only one of three finds no place, and it lets the others go on
        }
    });
    EXPECT_EQ(refused, 1);
    EXPECT_EQ(done, 2);
}

TEST_F(GroupCommit, StoppingRefusesWhatStillWaits)
{
    auto writer = start();
    const auto other_process = FileLock::open(path);
    const auto held = other_process->acquire(0s);
    ASSERT_TRUE(held);
    std::atomic<bool> answered = false;
    std::thread waiting([&, &writer = *writer] {
        EXPECT_EQ(writer.run(insert(1, 1)).error(), StoreError::unavailable);
        answered = true;
    });
    writer->stop();
    waiting.join();
    EXPECT_TRUE(answered);
    EXPECT_FALSE(is_there(1));
}

} // namespace
} // namespace gatehouse::auth::sqlite
