#include "tests/gateway/runtime/audit_fixture.hpp"

#include <gmock/gmock.h>

#include <string>

namespace gatehouse::gateway {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

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

TEST_F(Auditing, FollowsOtherSettingsFromOneMomentOn)
{
    open({.refusals_per_minute = 60});
    refuse();
    book->use({.store = false, .log = true});
    refuse();
    EXPECT_EQ(log.events, 2);
    book->use({.store = true, .log = false});
    refuse();
    EXPECT_EQ(log.events, 2);
    book->write();
    EXPECT_EQ(all().size(), 2U);
    EXPECT_EQ(book->dropped(), 0U);
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

} // namespace
} // namespace gatehouse::gateway
