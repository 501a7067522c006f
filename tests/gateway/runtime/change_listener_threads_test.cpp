#include "auth/store/memory/memory_store.hpp"
#include "auth/store/sqlite/open.hpp"
#include "gateway/runtime/change_listener.hpp"
#include "tests/config/support/temporary_folder.hpp"
#include "tests/gateway/runtime/flaky_feed.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <semaphore>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;
using auth::Id128;

constexpr auth::Seconds noon{std::chrono::seconds{1'800'000'000}};

struct StillClock final : auth::Clock {
    [[nodiscard]] auth::Millis now() const noexcept override { return noon + 1s; }
};

/// `here` is this process's view of the store; `there` is another process's, or the same in memory.
class Following : public testing::TestWithParam<const char*> {
protected:
    Following()
    {
        if (GetParam() == std::string("memory")) {
            here = std::make_unique<auth::MemoryStore>();
            there = here.get();
        } else {
            here = open(auth::StoreRole::gateway);
            neighbour = open(auth::StoreRole::command);
            there = neighbour.get();
        }
        feed = std::make_unique<FlakyFeed>(*here);
    }

    ~Following() override
    {
        listener.reset();
        here.reset();
        neighbour.reset();
    }

    [[nodiscard]] std::unique_ptr<auth::Store> open(auth::StoreRole role) const
    {
        return *auth::sqlite::open(folder / "x.db", role, {.patience = 60s});
    }

    /// A listener whose callback counts and lets `heard_keys` go on.
    void listen()
    {
        listener = std::make_unique<ChangeListener>(ChangeListener::Rooms{*feed, table, clock},
                                                    3660s, [this] {
                                                        ++key_calls;
                                                        if (keys_unreadable > 0) {
                                                            --keys_unreadable;
                                                            return false;
                                                        }
                                                        heard_keys.release();
                                                        return true;
                                                    });
    }

    /// Waits until everything that `there` wrote so far was applied: rows are heard in order.
    void settle()
    {
        ASSERT_TRUE(there->announce_keys(noon));
        ASSERT_TRUE(heard_keys.try_acquire_for(60s));
    }

    void add_user(const std::string& id) const
    {
        auth::User user;
        user.id = id;
        user.folded_username = id;
        ASSERT_TRUE(there->create_user(user, {}, noon));
    }

    [[nodiscard]] Id128 add_session(const std::string& user) const
    {
        const auto id = Id128::random();
        auth::Session session;
        session.id = id.to_string();
        session.user_id = user;
        session.expires_at = noon + 1h;
        EXPECT_TRUE(there->create_session(session, {}, noon));
        return id;
    }

    const TemporaryFolder folder;
    std::unique_ptr<auth::Store> here;
    std::unique_ptr<auth::Store> neighbour;
    auth::Store* there = nullptr;
    std::unique_ptr<FlakyFeed> feed;
    StillClock clock;
    auth::RevocationTable table;
    std::counting_semaphore<> heard_keys{0};
    std::atomic<int> key_calls = 0;
    std::atomic<int> keys_unreadable = 0;
    std::unique_ptr<ChangeListener> listener;
};

INSTANTIATE_TEST_SUITE_P(Stores, Following, testing::Values("memory", "sqlite"),
                         [](const auto& row) { return std::string(row.param); });

TEST_P(Following, AStartingProcessRefusesWhatOthersEndedBefore) // R44
{
    add_user("u1");
    add_user("blocked");
    const auto ended = add_session("u1");
    const auto live = add_session("u1");
    const std::vector<std::string> roles = {"admin"};
    ASSERT_TRUE(there->end_session(ended.to_string(), noon));
    ASSERT_TRUE(there->block_user("blocked", noon));
    ASSERT_TRUE(there->set_roles("u1", roles, noon));

    listen();
    EXPECT_EQ(listener->silence(), std::chrono::milliseconds::max());
    ASSERT_TRUE(listener->catch_up());
    EXPECT_TRUE(table.is_ended(ended));
    EXPECT_FALSE(table.is_ended(live));
    EXPECT_TRUE(table.standing_of("blocked").blocked);
    ASSERT_TRUE(table.standing_of("u1").roles);
    EXPECT_EQ(*table.standing_of("u1").roles, roles);
    EXPECT_LT(listener->silence(), 60s);
    EXPECT_EQ(key_calls, 1); // keys may have changed while this process was reading them
}

TEST_P(Following, EveryKindOfChangeArrives)
{
    listen();
    ASSERT_TRUE(listener->catch_up());
    ASSERT_TRUE(heard_keys.try_acquire());
    listener->start();
    add_user("u1");
    add_user("u2");
    add_user("u3");
    const auto ended = add_session("u1");
    const auto of_blocked = add_session("u2");
    const auto of_deleted = add_session("u3");
    const std::vector<std::string> roles = {"writer"};
    ASSERT_TRUE(there->end_session(ended.to_string(), noon));
    ASSERT_TRUE(there->block_user("u2", noon));
    ASSERT_TRUE(there->delete_user("u3", noon));
    ASSERT_TRUE(there->set_roles("u1", roles, noon));
    settle();
    EXPECT_TRUE(table.is_ended(ended));
    EXPECT_TRUE(table.is_ended(of_blocked));
    EXPECT_TRUE(table.is_ended(of_deleted));
    EXPECT_TRUE(table.standing_of("u2").blocked);
    EXPECT_TRUE(table.standing_of("u3").blocked);
    EXPECT_EQ(*table.standing_of("u1").roles, roles);

    ASSERT_TRUE(there->unblock_user("u2", noon));
    settle();
    EXPECT_FALSE(table.standing_of("u2").blocked);
    EXPECT_TRUE(table.is_ended(of_blocked)); // unblocking revives nothing
    EXPECT_EQ(key_calls, 3);
}

TEST_P(Following, WhatHappensBetweenCatchUpAndStartIsNotSkipped)
{
    add_user("u1");
    listen();
    ASSERT_TRUE(listener->catch_up());
    ASSERT_TRUE(heard_keys.try_acquire());
    const auto ended = add_session("u1");
    ASSERT_TRUE(there->end_session(ended.to_string(), noon));
    listener->start();
    settle();
    EXPECT_TRUE(table.is_ended(ended));
}

TEST_P(Following, ItsOwnWritesComeBackAndChangeNothing)
{
    add_user("u1");
    listen();
    ASSERT_TRUE(listener->catch_up());
    ASSERT_TRUE(heard_keys.try_acquire());
    listener->start();
    const auto ended = add_session("u1");
    table.end_session(ended, noon + 1h); // as the service does before it answers
    ASSERT_TRUE(here->end_session(ended.to_string(), noon));
    settle();
    EXPECT_TRUE(table.is_ended(ended));
    EXPECT_EQ(table.size(), 1U);
}

TEST_P(Following, ALongListOfChangesArrivesWhole)
{
    add_user("u1");
    listen();
    ASSERT_TRUE(listener->catch_up());
    ASSERT_TRUE(heard_keys.try_acquire());
    std::vector<Id128> all; // more than one page of changes
    for (int i = 0; i < 600; ++i) all.push_back(Id128::random());
    for (std::size_t i = 0; i < all.size(); i += 100) {
        // A hundred at a time end in one transaction.
        for (std::size_t k = i; k < i + 100; ++k) {
            auth::Session session;
            session.id = all[k].to_string();
            session.user_id = "u1";
            session.expires_at = noon + 1h;
            ASSERT_TRUE(there->create_session(session, {}, noon));
        }
        ASSERT_TRUE(there->end_sessions_of("u1", "", noon));
    }
    listener->start();
    settle();
    for (const auto& id : all) ASSERT_TRUE(table.is_ended(id));
}

TEST_P(Following, AnOutageLosesNothing) // R63
{
    add_user("u1");
    listen();
    feed->failures_left = 1;
    EXPECT_FALSE(listener->catch_up());
    EXPECT_EQ(listener->silence(), std::chrono::milliseconds::max());
    ASSERT_TRUE(listener->catch_up());
    ASSERT_TRUE(heard_keys.try_acquire());

    listener->start();
    feed->failures_left = 3;
    const auto ended = add_session("u1");
    ASSERT_TRUE(there->end_session(ended.to_string(), noon));
    settle();
    EXPECT_TRUE(table.is_ended(ended));
    EXPECT_EQ(feed->failures_left, 0);
}

TEST_P(Following, KeysThatCouldNotBeReadAreReadAgain)
{
    listen();
    ASSERT_TRUE(listener->catch_up());
    ASSERT_TRUE(heard_keys.try_acquire());
    keys_unreadable = 2;
    listener->start();
    settle(); // no second announcement is needed
    EXPECT_EQ(key_calls, 1 + 3);
}

TEST_P(Following, StopsAtOnceAndTwice)
{
    listen();
    ASSERT_TRUE(listener->catch_up());
    listener->start();
    listener->stop();
    listener->stop();
}

TEST_P(Following, StopsInTheMiddleOfAnOutage)
{
    listen();
    ASSERT_TRUE(listener->catch_up());
    feed->failures_left = 1'000'000;
    listener->start();
    listener->stop();
    EXPECT_GT(feed->failures_left, 0);
}

} // namespace
} // namespace gatehouse::gateway
