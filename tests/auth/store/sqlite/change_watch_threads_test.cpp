#include "auth/store/sqlite/change_watch.hpp"
#include "tests/auth/store/contract.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <future>

namespace gatehouse::auth::sqlite {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

class ChangeWatchTest : public testing::Test {
protected:
    ChangeWatchTest()
    {
        std::ofstream{path};
        writer.emplace(path.string(), 1s);
        writer->execute("PRAGMA journal_mode = WAL; CREATE TABLE t (x)");
    }

    [[nodiscard]] std::future<Result<bool, StoreError>> waiting(ChangeWatch& watch,
                                                                std::chrono::milliseconds patience)
    {
        return std::async(std::launch::async, [&watch, patience] { return watch.wait(patience); });
    }

    contract::TemporaryFolder folder;
    fs::path path = folder.path() / "gatehouse.db";
    std::optional<Database> writer;
    FailureReport failures{{}};
};

TEST_F(ChangeWatchTest, HearsOfACommitThoughItLooksOnceADay)
{
    ChangeWatch watch(Database(path.string(), 1s), 24h, failures);
    auto told = waiting(watch, 24h);
    writer->execute("INSERT INTO t VALUES (1)");
    EXPECT_EQ(told.get(), true);
}

TEST_F(ChangeWatchTest, LooksNowAndThenWhereNobodyTellsOfWrites)
{
    ChangeWatch watch(Database(path.string(), 1s), 1ms, failures);
    fs::rename(path.string() + "-wal", path.string() + "-elsewhere"); // not the file it knew
    auto told = waiting(watch, 24h);
    writer->execute("INSERT INTO t VALUES (1)");
    EXPECT_EQ(told.get(), true);
}

TEST_F(ChangeWatchTest, EndsWhenItsTimeIsOver)
{
    ChangeWatch watch(Database(path.string(), 1s), 24h, failures);
    EXPECT_EQ(watch.wait(1ms), false);
}

TEST_F(ChangeWatchTest, CanBeStoppedWhileItWaitsForWrites)
{
    ChangeWatch watch(Database(path.string(), 1s), 24h, failures);
    auto told = waiting(watch, 24h);
    watch.stop();
    EXPECT_EQ(told.get(), false);
    EXPECT_EQ(watch.wait(24h), false); // for good
}

TEST_F(ChangeWatchTest, CanBeStoppedWhileItLooksAgain)
{
    ChangeWatch watch(Database(path.string(), 1s), 24h, failures);
    writer->execute("BEGIN IMMEDIATE; INSERT INTO t VALUES (1); ROLLBACK");
    auto told = waiting(watch, 24h);
    watch.stop();
    EXPECT_EQ(told.get(), false);
}

} // namespace
} // namespace gatehouse::auth::sqlite
