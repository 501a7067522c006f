#include "tests/auth/redis/server.hpp"
#include "tests/auth/store/open_states.hpp"
#include "tests/auth/store/postgres/server.hpp"

#include <gmock/gmock.h>

namespace gatehouse::auth::contract {
namespace {

using testing::ElementsAre;
using Texts = std::vector<std::string>;

struct SetClock final : Clock {
    [[nodiscard]] Millis now() const noexcept override { return time; }

    Millis time = noon;
};

class SharedStatesContract : public testing::TestWithParam<const char*> {
protected:
    SharedStatesContract()
    {
        clear_states(GetParam(), folder.path());
        states = open_states(GetParam(), &clock);
        others = open_states(GetParam(), &clock);
    }

    void put(const Texts& keys, const Texts& texts) const { must(try_put(*states, keys, texts)); }

    static Result<void, StoreError> try_put(SharedStates& where, const Texts& keys,
                                            const Texts& texts)
    {
        return where.change(keys, 1h, [&](std::span<std::string> seen, Millis) {
            std::ranges::copy(texts, seen.begin());
            return Result<void, StoreError>();
        });
    }

    [[nodiscard]] Texts read(const Texts& keys) const
    {
        Texts found;
        must(others->change(keys, 1h, [&](std::span<std::string> seen, Millis) {
            found.assign(seen.begin(), seen.end());
            return Result<void, StoreError>();
        }));
        return found;
    }

    /// What lies there, seen without our own code.
    [[nodiscard]] std::string rows() const
    {
        if (GetParam() != std::string("redis")) {
            return postgres::Server::shared().ask("SELECT count(*) FROM gatehouse.throttle");
        }
        const auto size = redis::must(
            redis::Server::shared().connect()->ask_one(redis::Commands("DBSIZE"), redis::late()));
        return std::to_string(size.integer);
    }

    TemporaryFolder folder;
    SetClock clock;
    std::shared_ptr<SharedStates> states;
    std::shared_ptr<SharedStates> others;
};

INSTANTIATE_TEST_SUITE_P(Places, SharedStatesContract, every_shared_place, name_of);

TEST_P(SharedStatesContract, WhatOneWroteTheOthersRead)
{
    EXPECT_THAT(read({"b", "a"}), ElementsAre("", ""));
    put({"b", "a"}, {"two", "one"});
    EXPECT_THAT(read({"a", "none", "b"}), ElementsAre("one", "", "two"));
    const std::string odd("'\\x; \0\xff\r\n", 10);
    put({"a", odd}, {odd, "1 2"});
    EXPECT_THAT(read({odd, "b", "a"}), ElementsAre("1 2", "two", odd));
}

TEST_P(SharedStatesContract, WhatSaysNothingIsNotKept)
{
    put({"a", "b", "c"}, {"1", "", ""});
    EXPECT_EQ(rows(), "1");
    put({"c", "a", "b"}, {"3", "", ""});
    EXPECT_THAT(read({"a", "b", "c"}), ElementsAre("", "", "3"));
    EXPECT_EQ(rows(), "1");
}

TEST_P(SharedStatesContract, AnErrorLeavesEverythingAsItWas)
{
    put({"a"}, {"1"});
    const Texts keys = {"a", "b"};
    const auto refused = states->change(keys, 1h, [](std::span<std::string> seen, Millis) {
        seen[0] = seen[1] = "spoilt";
        return Result<void, StoreError>(StoreError::blocked);
    });
    EXPECT_EQ(refused.error(), StoreError::blocked);
    EXPECT_THAT(read(keys), ElementsAre("1", ""));
    EXPECT_EQ(rows(), "1");
}

TEST_P(SharedStatesContract, AChangeThatMeetsAnotherIsJudgedAnew) // R53
{
    put({"a", "b"}, {"0", "0"});
    Texts judged;
    const Texts keys = {"b", "a"};
    must(states->change(keys, 1h, [&](std::span<std::string> seen, Millis) {
        judged.push_back(seen[0] + seen[1]);
        if (judged.size() == 1) must(try_put(*others, {"a"}, {"7"}));
        seen[0] += "1";
        return Result<void, StoreError>();
    }));
    EXPECT_EQ(judged.front(), "00");
    EXPECT_EQ(judged.back(), "07");
    EXPECT_THAT(read({"a", "b"}), ElementsAre("7", "01"));
}

TEST_P(SharedStatesContract, TheTimeIsTheServersUnlessATestSaysOtherwise)
{
    const auto time_of = [](SharedStates& where) {
        Millis told{};
        const Texts keys = {"a"};
        must(where.change(keys, 1h, [&](std::span<std::string>, Millis now) {
            told = now;
            return Result<void, StoreError>();
        }));
        return told;
    };
    EXPECT_EQ(time_of(*states), noon);
    const auto before = SystemClock().now();
    const auto told = time_of(*open_states(GetParam()));
    EXPECT_GE(told, before);
    EXPECT_LE(told, SystemClock().now()); // the servers of the tests are on this machine
}

TEST_P(SharedStatesContract, TheTimeIsThatOfTheMomentTheChangeIsJudged)
{
    put({"a"}, {"1"});
    const Texts keys = {"a"};
    Millis last{};
    must(states->change(keys, 1h, [&](std::span<std::string> seen, Millis now) {
        clock.time += 1s;
        if (seen[0] == "1" && last == Millis{}) must(try_put(*others, {"a"}, {"2"}));
        EXPECT_GT(now, last);
        last = now;
        seen[0] += "!";
        return Result<void, StoreError>();
    }));
    EXPECT_EQ(last, noon + 1s);
    EXPECT_THAT(read({"a"}), ElementsAre("2!"));
}

class StatesInPostgres : public SharedStatesContract {};

INSTANTIATE_TEST_SUITE_P(Places, StatesInPostgres, testing::Values("postgres"), name_of);

TEST_P(StatesInPostgres, AreForgottenInPiecesOnceTheirTimeIsOver)
{
    put({"a", "b", "c", "d"}, {"1", "1", "1", "1"});
    EXPECT_FALSE(must(states->forget_old(3)));
    clock.time += 30min;
    put({"d"}, {"2"});
    EXPECT_FALSE(must(states->forget_old(3)));
    EXPECT_EQ(rows(), "4");
    clock.time += 30min + 11min; // the end is rounded up to ten minutes
    EXPECT_TRUE(must(states->forget_old(2)));
    EXPECT_EQ(rows(), "2");
    EXPECT_FALSE(must(states->forget_old(2)));
    EXPECT_THAT(read({"a", "b", "c", "d"}), ElementsAre("", "", "", "2"));
    EXPECT_EQ(rows(), "1");
}

TEST_P(StatesInPostgres, AnErrorUnderTheLocksUndoesThem)
{
    put({"a"}, {"1"});
    const Texts keys = {"a", "b"};
    int asked = 0;
    const auto refused = states->change(keys, 1h, [&](std::span<std::string> seen, Millis) {
        seen[0] = seen[1] = "spoilt";
        return ++asked == 1 ? Result<void, StoreError>() : StoreError::blocked;
    });
    EXPECT_EQ(refused.error(), StoreError::blocked);
    EXPECT_EQ(asked, 2);
    EXPECT_THAT(read(keys), ElementsAre("1", ""));
    EXPECT_EQ(rows(), "1");
}

TEST_P(StatesInPostgres, WhoChangesNothingWaitsForNobody)
{
    put({"a"}, {"1"});
    const Texts keys = {"a"};
    bool locked = false;
    must(states->change(keys, 1h, [&](std::span<std::string> seen, Millis) {
        if (std::exchange(locked, true)) EXPECT_EQ(read(keys), Texts{"1"}); // under the lock
        seen[0] = "2";
        return Result<void, StoreError>();
    }));
    EXPECT_EQ(read(keys), Texts{"2"});
}

class StatesInRedis : public SharedStatesContract {};

INSTANTIATE_TEST_SUITE_P(Places, StatesInRedis, testing::Values("redis"), name_of);

TEST_P(StatesInRedis, GoByThemselves)
{
    put({"a"}, {"1"});
    const auto left = redis::must(redis::Server::shared().connect()->ask_one(
        redis::Commands("PTTL", "gatehouse:throttle:a"), redis::late()));
    EXPECT_LE(left.integer, 3'600'000);
    EXPECT_GT(left.integer, 3'500'000);
    EXPECT_FALSE(must(states->forget_old(1)));
    EXPECT_EQ(rows(), "1");
}

} // namespace
} // namespace gatehouse::auth::contract
