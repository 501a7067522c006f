#include "auth/store/postgres/pool.hpp"
#include "tests/auth/store/postgres/server.hpp"
#include "tests/auth/store/together.hpp"

#include <atomic>
#include <latch>
#include <utility>

/// Transactions that get into each other's way: what the server rolls back for it is tried again,
/// and done once.
namespace gatehouse::auth::postgres {
namespace {

using namespace std::chrono_literals;

constexpr int rivals = 4;
constexpr int rounds = 25;
constexpr int calls = 2 + rivals * rounds;

class RivalTransactions : public testing::Test {
protected:
    RivalTransactions()
    {
        Server::shared().execute("DROP TABLE IF EXISTS counters; "
                                 "CREATE TABLE counters (id BIGINT PRIMARY KEY, value BIGINT); "
                                 "INSERT INTO counters VALUES (0, 0), (1, 0)");
    }

    ~RivalTransactions() override { Server::shared().execute("DROP TABLE counters"); }

    /// `work(connection, rival, amid)` in a transaction of each rival, again and again. Before that
    /// two rivals get into each other's way for certain: when both first call amid(), both go on.
    template <class Work>
    void compete(Work work)
    {
        std::latch both(2);
        contract::together(2, [&](int rival) {
            bool met = false;
            transact(work, rival, [&] {
                if (!std::exchange(met, true)) both.arrive_and_wait();
            });
        });
        contract::together(rivals, [&](int rival) {
            for (int round = 0; round < rounds; ++round) transact(work, rival, [] {});
        });
    }

    template <class Work, class Amid>
    void transact(Work& work, int rival, Amid amid)
    {
        const auto done = pool.run(Access::write, [&](Connection& connection) {
            ++attempts;
            work(connection, rival, amid);
            return Result<void, StoreError>();
        });
        if (done) ++acknowledged;
    }

    [[nodiscard]] static std::int64_t value(Connection& connection, int id)
    {
        auto row = connection.query("SELECT value FROM counters WHERE id = $1", id);
        row.next();
        return row.integer(0);
    }

    /// Everything that was acknowledged happened once, and what was not did not.
    void expect_each_once()
    {
        Connection connection(Server::shared().url());
        EXPECT_EQ(value(connection, 0), acknowledged);
        EXPECT_EQ(value(connection, 1), acknowledged);
        EXPECT_GT(attempts, calls) << "nobody was in anybody's way";
        EXPECT_GT(acknowledged, calls / 2); // ten attempts are nearly always enough
    }

    static void do_nothing(Connection& /*unused*/) {}

    Pool pool{
        Secret(Server::shared().url()), {.connections = rivals, .patience = 20s},
         {do_nothing,            {}             }
    };
    std::atomic<int> attempts = 0;
    std::atomic<int> acknowledged = 0;
};

TEST_F(RivalTransactions, ThatCannotBeSerializedAreTriedAgain)
{
    compete([](Connection& connection, int, const auto& amid) {
        connection.execute("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE");
        for (const int id : {0, 1}) {
            // Read and written back: with anything less than a retry some would be lost.
            const auto next = value(connection, id) + 1;
            amid();
            connection.run("UPDATE counters SET value = $1 WHERE id = $2", next, id);
        }
    });
    expect_each_once();
}

TEST_F(RivalTransactions, ThatWaitForEachOtherAreTriedAgain)
{
    compete([](Connection& connection, int rival, const auto& amid) {
        connection.execute("SET LOCAL deadlock_timeout = '5ms'");
        for (const int id : {rival % 2, 1 - rival % 2}) {
            connection.run("UPDATE counters SET value = value + 1 WHERE id = $1", id);
            amid();
        }
    });
    expect_each_once();
}

} // namespace
} // namespace gatehouse::auth::postgres
