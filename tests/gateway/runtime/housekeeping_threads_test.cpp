#include "auth/store/memory/memory_store.hpp"
#include "gateway/runtime/housekeeping.hpp"

#include <gtest/gtest.h>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;

constexpr auth::Seconds noon{std::chrono::seconds{1'800'000'000}};

struct SetClock final : auth::Clock {
    [[nodiscard]] auth::Millis now() const noexcept override { return time; }

    auth::Millis time = noon;
};

class Tidying : public testing::Test {
protected:
    Tidying()
    {
        auth::User user;
        user.id = "u1";
        EXPECT_TRUE(store.create_user(user, {}, noon));
        auth::Session session;
        session.id = ended.to_string();
        session.user_id = "u1";
        session.expires_at = noon + 240h;
        EXPECT_TRUE(store.create_session(session, {}, noon));
        EXPECT_TRUE(store.end_session(session.id, noon));
        table.end_session(ended, noon + 1h);
    }

    [[nodiscard]] bool store_knows() { return store.find_session(ended.to_string())->has_value(); }

    auth::MemoryStore store;
    auth::RevocationTable table;
    SetClock clock;
    const auth::Id128 ended = auth::Id128::random();
    Housekeeping housekeeping{
        {store, table, clock},
        24h
    };
};

TEST_F(Tidying, ForgetsWhatNoTokenCanMeetAnyMoreAndNothingEarlier)
{
    clock.time = noon + 1h - 1s;
    housekeeping.tidy();
    EXPECT_TRUE(table.is_ended(ended));
    EXPECT_TRUE(store_knows());
    clock.time = noon + 1h;
    housekeeping.tidy();
    EXPECT_FALSE(table.is_ended(ended));
    EXPECT_TRUE(store_knows());
    clock.time = noon + 24h;
    housekeeping.tidy();
    EXPECT_TRUE(store_knows());
    clock.time = noon + 24h + 1ms;
    housekeeping.tidy();
    EXPECT_FALSE(store_knows());
    EXPECT_TRUE(store.changes_after(0, 1)->empty());
}

TEST_F(Tidying, ItsThreadTidiesAndStopsAtOnce)
{
    clock.time = noon + 48h;
    housekeeping.start(1ms);
    while (table.size() != 0) std::this_thread::yield();
    housekeeping.stop();
    housekeeping.stop();
    EXPECT_FALSE(table.is_ended(ended));
}

} // namespace
} // namespace gatehouse::gateway
