#include "auth/store/memory/memory_store.hpp"
#include "gateway/runtime/audit_book.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;
using auth::SecurityEvent;
using auth::SecurityEventKind;
using testing::ElementsAre;
using testing::IsEmpty;

struct SetClock final : auth::Clock {
    [[nodiscard]] auth::Millis now() const noexcept override { return time; }

    auth::Millis time{1'800'000'000'000ms};
};

struct CountingLog final : auth::SecurityLog {
    void record(const SecurityEvent& event) noexcept override
    {
        ++events;
        if (event.kind == SecurityEventKind::audit_gap) last_gap = event.detail;
    }

    std::atomic<int> events{0};
    std::string last_gap;
};

struct MoodyStore final : auth::MemoryStore {
    Result<void, auth::StoreError> append_audit(std::span<const auth::AuditRecord> records) override
    {
        if (down) return auth::StoreError::unavailable;
        largest = std::max(largest, records.size());
        return MemoryStore::append_audit(records);
    }

    std::atomic<bool> down{false};
    std::size_t largest = 0;
};

class Auditing : public testing::Test {
protected:
    void refuse(int times = 1, std::string_view request = "r")
    {
        for (int i = 0; i < times; ++i) {
            book->record({SecurityEventKind::login, "invalid_credentials", "u1", "", "192.0.2.1",
                          request, clock.time});
        }
    }

    void open(config::AuditSettings with = {})
    {
        book.emplace(AuditBook::Rooms{store, clock, log}, with);
    }

    [[nodiscard]] std::vector<auth::AuditRecord> all()
    {
        return *store.read_audit({}, {}, 100'000);
    }

    [[nodiscard]] std::vector<std::string> gaps()
    {
        std::vector<std::string> said;
        for (const auto& record : *store.read_audit({.event = "audit_gap"}, {}, 100)) {
            said.push_back(record.detail);
        }
        return said;
    }

    MoodyStore store;
    SetClock clock;
    CountingLog log;
    std::optional<AuditBook> book;
};

TEST_F(Auditing, KeepsARefusalOnceAndNotWhatTheStoreHasAlready)
{
    open();
    refuse();
    constexpr bool is_in_store = true;
    book->record({SecurityEventKind::login,
                  "ok",
                  "u1",
                  "s1",
                  "192.0.2.1",
                  "r2",
                  clock.time,
                  {},
                  is_in_store});
    EXPECT_THAT(all(), IsEmpty()) << "nobody waits for a refusal's record";
    book->write();
    book->write();
    ASSERT_EQ(all().size(), 1U);
    EXPECT_EQ(all()[0].request_id, "r");
    EXPECT_EQ(all()[0].outcome, "invalid_credentials");
    EXPECT_EQ(log.events, 2);
}

TEST_F(Auditing, AFloodOfRefusalsIsCutAndARecordSaysSoOnceAMinute)
{
    open({.refusals_per_minute = 60});
    refuse(1000);
    book->write();
    EXPECT_EQ(all().size(), 61U);
    EXPECT_EQ(book->dropped(), 940U);
    EXPECT_THAT(gaps(), ElementsAre("940 events left no record"));
    EXPECT_EQ(log.last_gap, "940 events left no record");

    clock.time += 10s; // ten more are allowed
    refuse(30);
    book->write();
    EXPECT_EQ(all().size(), 71U);
    EXPECT_THAT(gaps(), ElementsAre("940 events left no record")) << "the next is said later";
    clock.time += 50s;
    book->write();
    EXPECT_THAT(gaps(), ElementsAre("20 events left no record", "940 events left no record"));
    EXPECT_EQ(log.events, 1032) << "the log has its own limits";
}

TEST_F(Auditing, AFloodTakesNoRoomFromWhatWasDone)
{
    open({.refusals_per_minute = 1});
    refuse(1000);
    book->record({SecurityEventKind::key_rotate, "ok", {}, {}, {}, {}, clock.time});
    book->write();
    EXPECT_EQ(store.read_audit({.event = "key_rotate"}, {}, 10)->size(), 1U);
}

TEST_F(Auditing, WhileTheStoreIsAwayItKeepsAsMuchAsFitsAndWritesItLater)
{
    open({.refusals_per_minute = 1'000'000});
    store.down = true;
    refuse(5000);
    book->write();
    EXPECT_THAT(all(), IsEmpty());
    EXPECT_EQ(book->dropped(), 5000 - AuditBook::most_waiting);
    store.down = false;
    book->write();
    EXPECT_EQ(all().size(), AuditBook::most_waiting + 1);
    EXPECT_THAT(gaps(), ElementsAre("904 events left no record"));
    EXPECT_LE(store.largest, AuditBook::piece) << "others get their turn in between";
}

TEST_F(Auditing, EachPlaceCanBeSwitchedOff)
{
    open({.log = false});
    refuse();
    book->write();
    EXPECT_EQ(log.events, 0);
    EXPECT_EQ(all().size(), 1U);
    open({.store = false});
    refuse();
    book->write();
    EXPECT_EQ(log.events, 1);
    EXPECT_EQ(all().size(), 1U);
}

TEST_F(Auditing, ItsThreadWritesAndStopWritesWhatIsLeft)
{
    open();
    book->start(1ms);
    refuse();
    while (all().empty()) std::this_thread::yield();
    book->stop();
    book->stop();
    EXPECT_EQ(all().size(), 1U);

    open();
    book->start(1h);
    refuse(2);
    book->stop();
    EXPECT_EQ(all().size(), 3U);
}

TEST_F(Auditing, ManyThreadsLoseNothing)
{
    open({.refusals_per_minute = 1'000'000});
    book->start(1ms);
    std::vector<std::thread> crowd;
    for (int i = 0; i < 4; ++i) {
        crowd.emplace_back([this] { refuse(500); });
    }
    for (auto& one : crowd) one.join();
    book->stop();
    EXPECT_EQ(all().size(), 2000U);
    EXPECT_EQ(book->dropped(), 0U);
}

} // namespace
} // namespace gatehouse::gateway
