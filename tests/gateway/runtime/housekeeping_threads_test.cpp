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

/// Has much to forget, and takes its time.
struct SlowStore final : auth::MemoryStore {
    explicit SlowStore(SetClock& when) : clock(when) {}

    Result<bool, auth::StoreError> forget_before(auth::Millis /*before*/,
                                                 std::size_t /*at_most*/) override
    {
        clock.time += 50s;
        ++pieces;
        const auto rival = take_lease(Housekeeping::lease, "b", clock.time, clock.time + 1s);
        EXPECT_FALSE(*rival) << "piece " << pieces;
        return pieces < 10;
    }

    SetClock& clock;
    int pieces = 0;
};

/// So many counts of attempts are to be forgotten, a piece at a time.
struct CountingStore final : auth::MemoryStore, auth::SharedStates {
    SharedStates* shared_states() noexcept override { return this; }

    Result<void, auth::StoreError> change(std::span<const std::string> /*keys*/,
                                          std::chrono::milliseconds /*kept*/,
                                          const Change& /*change*/) override
    {
        return {};
    }

    Result<bool, auth::StoreError> forget_old(std::size_t at_most) override
    {
        old -= std::min(old, at_most);
        return old > 0;
    }

    std::size_t old = 1'700;
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
    const config::Settings settings;
    auth::LogoutTerms terms{store, settings, "a"};
    Housekeeping housekeeping{
        {store, table, clock, terms},
        {24h, 48h, "a"}
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

TEST_F(Tidying, NotesWhichApiKeysWereUsedOncePerRound)
{
    const auto made = auth::make_api_key();
    auth::ApiKey key;
    key.id = made.id;
    key.user_id = "u1";
    key.digest = made.digest;
    ASSERT_TRUE(store.create_api_key(key, noon));
    auth::ApiKeyTable keys;
    keys.put(key);
    Housekeeping with_keys{
        {store, table, clock, terms, &keys},
        {24h, 48h, "a"}
    };
    const auto used_at = [&] { return (*store.find_api_key(key.id))->used_at; };
    with_keys.tidy();
    EXPECT_FALSE(used_at());
    ASSERT_TRUE(keys.find(*auth::read_api_key(made.text.reveal()), noon));
    clock.time = noon + 1min;
    with_keys.tidy();
    EXPECT_EQ(used_at(), noon + 1min);
    clock.time = noon + 2min;
    with_keys.tidy();
    EXPECT_EQ(used_at(), noon + 1min) << "nobody used it since";
    keys.revoke(key.id, noon + 3min);
    clock.time = noon + 3min;
    with_keys.tidy();
    EXPECT_EQ(keys.size(), 0U);
}

TEST_F(Tidying, OneOfThoseWhoShareAStoreTidiesIt)
{
    auth::RevocationTable other_table;
    other_table.end_session(ended, noon + 1h);
    Housekeeping other{
        {store, other_table, clock, terms},
        {24h, 48h, "b"}
    };
    clock.time = noon + 24h; // nothing to forget in the store, but the lease is taken
    housekeeping.tidy();
    clock.time += 1ms;
    other.tidy();
    EXPECT_FALSE(other_table.is_ended(ended)); // its own table is its own business
    EXPECT_TRUE(store_knows());
    clock.time += 3min - 1ms; // "a" was not seen again
    other.tidy();
    EXPECT_FALSE(store_knows());
    EXPECT_EQ(store.list_leases()->at(0).holder, "b");
}

TEST_F(Tidying, RenewsItsLeaseWithEveryRound)
{
    for (int round = 0; round < 10; ++round) {
        housekeeping.tidy();
        clock.time += 1min;
    }
    EXPECT_EQ(store.list_leases()->at(0).until, clock.time + 2min);
}

TEST_F(Tidying, RenewsItsLeaseWhileThereIsMoreToForget)
{
    SlowStore slow(clock);
    Housekeeping patient{
        {slow, table, clock, terms},
        {24h, 48h, "a"}
    };
    patient.tidy();
    EXPECT_EQ(slow.pieces, 10); // longer than one lease
}

TEST_F(Tidying, ForgetsOldCountsOfAttempts)
{
    CountingStore counting;
    Housekeeping tidy{
        {counting, table, clock, terms},
        {24h, 48h, "a"}
    };
    EXPECT_TRUE(*counting.take_lease(Housekeeping::lease, "b", clock.time, clock.time + 1s));
    tidy.tidy(); // that is somebody else's work
    EXPECT_EQ(counting.old, 1'700U);
    clock.time += 1s;
    tidy.tidy();
    EXPECT_EQ(counting.old, 0U);
}

TEST_F(Tidying, ForgetsNothingMoreOnceItIsStopped)
{
    SlowStore slow(clock);
    Housekeeping hasty{
        {slow, table, clock, terms},
        {24h, 48h, "a"}
    };
    hasty.stop();
    hasty.tidy();
    EXPECT_EQ(slow.pieces, 0);
}

TEST_F(Tidying, ItsThreadTidiesAndStopsAtOnce)
{
    clock.time = noon + 48h;
    Housekeeping quick{
        {store, table, clock,   terms},
        {24h,   48h,   "quick", 1ms  }
    };
    quick.start();
    while (table.size() != 0) std::this_thread::yield();
    quick.stop();
    quick.stop();
    EXPECT_FALSE(table.is_ended(ended));
    // The next one need not wait for the end of its lease.
    EXPECT_TRUE(*store.take_lease(Housekeeping::lease, "next", clock.time, clock.time + 1s));
}

TEST_F(Tidying, ForgetsOldAuditRecordsAPieceAtATime)
{
    std::vector<auth::AuditRecord> records(1200);
    for (auto& record : records) record.at = noon;
    records.back().at = auth::Millis{noon} + 1ms;
    ASSERT_TRUE(store.append_audit(records));
    const auto left = [&] { return store.read_audit({}, {}, 10'000)->size(); };
    clock.time = noon + 48h;
    housekeeping.tidy();
    EXPECT_EQ(left(), 1200U);
    clock.time = noon + 48h + 1ms;
    housekeeping.tidy();
    EXPECT_EQ(left(), 1U);
}

} // namespace
} // namespace gatehouse::gateway
