#include "auth_fixture.hpp"

#include <gmock/gmock.h>

namespace gatehouse::auth {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

/// What the store keeps, oldest first, as "login ok".
std::vector<AuditRecord> records_in(House& house)
{
    auto records = *house.store.read_audit({}, {}, 1000);
    std::ranges::reverse(records);
    return records;
}

std::vector<std::string> kept(House& house)
{
    std::vector<std::string> lines;
    for (const auto& record : records_in(house))
        lines.push_back(record.event + " " + record.outcome);
    return lines;
}

TEST(Audit, ARegistrationALoginAndALogoutLeaveOneRecordEachWithAllFacts)
{
    House house;
    const auto ann = house.joined("ann");
    house.clock.advance(1s);
    const auto again = house.logged_in("ann");
    house.clock.advance(1s);
    ASSERT_EQ(outcome(house.service.logout(house.principal(again), somebody)), "ok");
    ASSERT_THAT(kept(house), ElementsAre("user_register ok", "login ok", "logout ok"));
    const auto records = records_in(house);
    for (const auto& record : records) {
        EXPECT_EQ(record.user_id, ann.user.id);
        EXPECT_EQ(record.address, "192.0.2.1");
    }
    EXPECT_EQ(records[0].session_id, ann.session_id);
    EXPECT_EQ(records[1].session_id, again.session_id);
    EXPECT_EQ(records[2].session_id, again.session_id);
    EXPECT_EQ(records[0].request_id, "request-1");
    EXPECT_EQ(records[1].request_id, "request-2");
    EXPECT_EQ(records[1].at - records[0].at, 1s);
}

TEST(Audit, WhatChangedNothingIsNoEvent)
{
    House house;
    const auto grant = house.joined("ann");
    const auto claims = house.claims(grant);
    const auto principal = house.principal(grant);
    ASSERT_EQ(outcome(house.service.logout_others(principal, somebody)), "ok"); // there are none
    ASSERT_EQ(outcome(house.service.logout(claims, somebody)), "ok");
    ASSERT_EQ(outcome(house.service.logout(claims, somebody)), "ok"); // it had ended
    ASSERT_EQ(outcome(house.service.logout_all(principal, somebody)), "ok");
    EXPECT_THAT(kept(house), ElementsAre("user_register ok", "logout ok"));
    EXPECT_THAT(house.log.take(), ElementsAre("user_register ok", "logout ok"));
}

TEST(Audit, TheftAndAPasswordChangeAreRecordedWithWhatTheyEnd)
{
    House house;
    const auto first = house.joined("ann");
    ASSERT_EQ(outcome(house.refresh(first.refresh_token)), "ok");
    house.clock.advance(1min);
    EXPECT_EQ(outcome(house.refresh(first.refresh_token)), "refresh_token_reused");
    const auto owner = house.logged_in("ann");
    const auto changed =
        house.service.change_password(house.principal(owner), Secret("correct horse"),
                                      Secret("another horse"), somebody, house.place());
    ASSERT_EQ(outcome(changed), "ok");
    EXPECT_THAT(kept(house), ElementsAre("user_register ok", "refresh_reuse ok", "login ok",
                                         "password_change ok"));
    EXPECT_EQ(records_in(house)[1].session_id, first.session_id);
    EXPECT_EQ(records_in(house)[3].session_id, owner.session_id);
}

TEST(Audit, WhatFailsWithTheStoreLeavesNeitherTheDeedNorARecord)
{
    House house;
    const auto grant = house.joined("ann");
    const auto principal = house.principal(grant);
    house.store.down = true;
    EXPECT_EQ(outcome(house.service.logout(principal, somebody)), "store_unavailable");
    EXPECT_EQ(outcome(house.service.logout_all(principal, somebody)), "store_unavailable");
    house.store.down = false;
    EXPECT_THAT(kept(house), ElementsAre("user_register ok"));
}

TEST(Audit, ALoginThatAPasswordChangeOvertookIsFollowedByItsEnd)
{
    House house;
    const auto ann = house.joined("ann");
    house.store.before_create_session(
        [&] { ASSERT_TRUE(house.admin.set_password("ann", Secret("another horse"))); });
    EXPECT_EQ(outcome(house.login("ann")), "invalid_credentials");
    EXPECT_THAT(kept(house), ElementsAre("user_register ok", "password_set ok", "login ok",
                                         "session_revoke ok"));
}

TEST(Audit, OperatorsLeaveRecordsWithTheRolesTheyGave)
{
    House house;
    const auto ann = house.joined("ann");
    ASSERT_TRUE(house.admin.set_roles("ann", {"admin", "editor"}));
    ASSERT_TRUE(house.admin.block("ann"));
    ASSERT_TRUE(house.admin.unblock("ann"));
    ASSERT_TRUE(house.admin.invite(1h));
    ASSERT_TRUE(house.admin.delete_user("ann"));
    EXPECT_THAT(kept(house), ElementsAre("user_register ok", "user_roles ok", "user_block ok",
                                         "user_unblock ok", "invite_create ok", "user_delete ok"));
    const auto records = records_in(house);
    EXPECT_EQ(records[1].detail, "admin,editor");
    for (const auto& record : records) EXPECT_EQ(record.address, "") << "the user is deleted";
    EXPECT_EQ(records[0].user_id, ann.user.id) << "an id is what is left";
}

TEST(Audit, KeepsNothingInTheStoreWhereThatIsOff)
{
    auto settings = quick_settings();
    settings.audit.store = false;
    House house(settings);
    house.joined("ann");
    ASSERT_TRUE(house.admin.block("ann"));
    EXPECT_THAT(kept(house), IsEmpty());
    EXPECT_THAT(house.log.take(), SizeIs(2)) << "the log goes on";
}

TEST(Audit, WhatClientsSentIsPrintableAndShort) // R66
{
    const std::string hostile("a\x1b[2J\r\nb\xff\xe2\x80\xae", 12);
    const auto record =
        record_of({SecurityEventKind::login, "ok", "", "", hostile + std::string(1000, 'x'),
                   hostile + std::string(1000, 'y'), Millis{}, hostile});
    EXPECT_EQ(record.address.size(), 64U);
    EXPECT_EQ(record.request_id.size(), 128U);
    for (const auto& text : {record.address, record.request_id, record.detail}) {
        EXPECT_TRUE(std::ranges::all_of(text, [](char c) { return c >= ' ' && c < 0x7f; })) << text;
    }
}

} // namespace
} // namespace gatehouse::auth
