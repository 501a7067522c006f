#include "auth/store/memory/memory_store.hpp"
#include "gateway/runtime/feeds.hpp"
#include "tests/gateway/runtime/flaky_feed.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <future>
#include <semaphore>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;
using auth::Id128;
using Steady = std::chrono::steady_clock;

constexpr auth::Seconds noon{std::chrono::seconds{1'800'000'000}};

struct StillClock final : auth::Clock {
    [[nodiscard]] auth::Millis now() const noexcept override { return noon + 1s; }
};

/// A store with one user, and the way to it. Its news of keys mark a place in its feed.
struct Place {
    Place()
    {
        auth::User user;
        user.id = user.folded_username.emplace("u1");
        EXPECT_TRUE(store.create_user(user, {}, noon));
    }

    [[nodiscard]] Id128 end_a_session()
    {
        const auto id = Id128::random();
        auth::Session session;
        session.id = id.to_string();
        session.user_id = "u1";
        session.expires_at = noon + 1h;
        EXPECT_TRUE(store.create_session(session, {}, noon));
        EXPECT_TRUE(store.end_session(session.id, noon));
        return id;
    }

    [[nodiscard]] std::size_t entries() { return store.replicas()->entries.size(); }

    auth::MemoryStore store;
    FlakyFeed feed{store};
    std::counting_semaphore<> heard{0};
};

class TwoFeeds : public testing::Test {
protected:
    void follow(std::optional<std::chrono::milliseconds> lease = {})
    {
        std::vector<Feeds::Source> sources;
        for (std::size_t i = 0; i < places.size(); ++i) {
            auto& place = places[i];
            sources.push_back({i == 0 ? "store" : "sessions", place.feed, place.store, [&place] {
                                   place.heard.release();
                                   return true;
                               }});
        }
        feeds.emplace(sources, Feeds::Rooms{table, clock}, Feeds::Terms{3660s, lease});
    }

    void begin()
    {
        ASSERT_TRUE(feeds->catch_up());
        for (auto& place : places) ASSERT_TRUE(place.heard.try_acquire());
        feeds->start();
    }

    /// Until all that was written so far has been applied.
    void settle()
    {
        for (auto& place : places) {
            ASSERT_TRUE(place.store.announce_keys(noon));
            ASSERT_TRUE(place.heard.try_acquire_for(60s));
        }
    }

    std::array<Place, 2> places;
    StillClock clock;
    auth::RevocationTable table;
    std::optional<Feeds> feeds;
};

TEST_F(TwoFeeds, NothingIsReadyBeforeAllHaveCaughtUp) // R44
{
    const auto here = places[0].end_a_session();
    const auto there = places[1].end_a_session();
    follow(1h);
    for (auto& place : places) {
        EXPECT_EQ(feeds->silence(), std::chrono::milliseconds::max());
        EXPECT_FALSE(feeds->lease()->holds());
        place.feed.failures_left = 1;
        EXPECT_FALSE(feeds->catch_up());
        EXPECT_FALSE(feeds->lease()->holds());
    }
    ASSERT_TRUE(feeds->catch_up());
    EXPECT_LT(feeds->silence(), 60s);
    EXPECT_TRUE(feeds->lease()->holds());
    EXPECT_TRUE(table.is_ended(here));
    EXPECT_TRUE(table.is_ended(there));
}

TEST_F(TwoFeeds, FillOneTable)
{
    follow();
    begin();
    const auto here = places[0].end_a_session();
    const auto there = places[1].end_a_session();
    const auto again = places[1].end_a_session();
    settle();
    for (const auto& id : {here, there, again}) EXPECT_TRUE(table.is_ended(id));
    feeds->stop();
    const auto facts = feeds->facts();
    ASSERT_EQ(facts.size(), 2U);
    EXPECT_EQ(facts[0].name, "store");
    EXPECT_EQ(facts[0].sequence, 2U);
    EXPECT_EQ(facts[1].name, "sessions");
    EXPECT_EQ(facts[1].sequence, 3U);
}

class OneOfTwo : public TwoFeeds, public testing::WithParamInterface<std::size_t> {};

INSTANTIATE_TEST_SUITE_P(Feeds, OneOfTwo, testing::Values(0U, 1U));

TEST_P(OneOfTwo, IsEnoughToBeSilent)
{
    follow(500ms);
    begin();
    places[GetParam()].feed.failures_left = 1'000'000;
    while (feeds->silence() < 1s) std::this_thread::yield();
    EXPECT_FALSE(feeds->lease()->holds());
    EXPECT_GE(feeds->facts()[GetParam()].lag_seconds, 1);
    const auto other_goes_on = [&] {
        const auto facts = feeds->facts();
        return facts[1 - GetParam()].lag_seconds < facts[GetParam()].lag_seconds;
    };
    while (!other_goes_on()) std::this_thread::yield(); // a machine that stops keeps both back

    places[GetParam()].feed.failures_left = 0;
    while (!feeds->lease()->holds()) std::this_thread::yield();
    while (feeds->silence() >= 1s) std::this_thread::yield();
}

TEST_F(TwoFeeds, AConfirmedLogoutWaitsForBothAndNobodyForWhoHasLeft)
{
    follow(1h);
    begin();
    for (auto& place : places) ASSERT_TRUE(place.store.report({"other", 0, 1}));
    static_cast<void>(places[1].end_a_session());
    static_cast<void>(places[0].end_a_session());
    auto waiting =
        std::async(std::launch::async, [&] { feeds->confirmation()->wait(Steady::now()); });
    for (auto& place : places) {
        EXPECT_NE(waiting.wait_for(50ms), std::future_status::ready);
        ASSERT_TRUE(place.store.report({"other", 1, 2}));
    }
    EXPECT_EQ(waiting.wait_for(60s), std::future_status::ready);
    feeds->stop();
    for (auto& place : places) EXPECT_EQ(place.entries(), 2U);
    feeds->leave();
    for (auto& place : places) EXPECT_EQ(place.entries(), 1U);
}

TEST_F(TwoFeeds, NobodyConfirmsWhereItWasNotAskedFor)
{
    follow();
    begin();
    EXPECT_EQ(feeds->lease(), nullptr);
    EXPECT_EQ(feeds->confirmation(), nullptr);
    feeds->stop();
    for (auto& place : places) EXPECT_EQ(place.entries(), 0U);
}

} // namespace
} // namespace gatehouse::gateway
