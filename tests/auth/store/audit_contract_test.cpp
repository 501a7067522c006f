#include "tests/auth/store/contract.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <set>

namespace gatehouse::auth::contract {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class AuditContract : public StoreContract {
protected:
    /// A deed of this kind by "u1" in "s1", or by others.
    [[nodiscard]] static Deed deed(const std::string& event, Millis at = noon,
                                   const std::string& user = "u1",
                                   const std::string& session = "s1")
    {
        AuditRecord record;
        record.at = at;
        record.event = event;
        record.outcome = "ok";
        record.user_id = user;
        record.session_id = session;
        record.address = "192.0.2.1";
        record.request_id = "r1";
        return Deed(record);
    }

    void append(const std::string& event, Millis at, const std::string& user = "") const
    {
        const std::array records = {*deed(event, at, user).record};
        must(store->append_audit(records));
    }

    [[nodiscard]] std::vector<AuditRecord> all(const AuditTrail::AuditFilter& filter = {}) const
    {
        return must(store->read_audit(filter, {}, 1000));
    }

    /// The events, newest first, as "login u1 s1".
    [[nodiscard]] std::vector<std::string> events(const AuditTrail::AuditFilter& filter = {}) const
    {
        std::vector<std::string> lines;
        for (const auto& record : all(filter)) {
            auto line = record.event;
            for (const auto& id : {record.user_id, record.session_id}) {
                if (!id.empty()) line += " " + id;
            }
            lines.push_back(line);
        }
        return lines;
    }
};

INSTANTIATE_TEST_SUITE_P(Stores, AuditContract, every_store, name_of);

TEST_P(AuditContract, KeepsEveryFieldByteForByte)
{
    AuditRecord record;
    record.at = Millis{noon} + 7ms;
    record.event = "a kind of tomorrow";
    record.outcome = "'; DROP TABLE audit; --";
    record.session_id = std::string("s\0\xff", 3);
    record.address = "?1 $2 \\x41";
    record.request_id = "{\"a\",b}";
    record.detail = std::string(5000, '\\');
    const std::array records = {record};
    must(store->append_audit(records));
    auto kept = all();
    ASSERT_EQ(kept.size(), 1U);
    EXPECT_NE(std::exchange(kept[0].number, 0), 0U);
    EXPECT_EQ(kept[0], record);
}

TEST_P(AuditContract, ComesWithEachWriteAndOnlyWithOneThatDidSomething)
{
    const auto ada = user_called("u1", "ada");
    must(store->create_invite("code", noon + 1h, deed("invite_create", noon, "", "")));
    must(store->register_user(ada, "code", session_of("u1", "s1"), deed("user_register")));
    EXPECT_EQ(store->register_user(ada, {}, session_of("u1", "s9"), deed("again")).error(),
              StoreError::name_taken);
    must(store->create_user(user_called("u2"), {}, deed("user_add", noon, "u2", "")));
    EXPECT_FALSE(store->create_user(user_called("u2"), {}, deed("again")));
    must(store->create_session(session_of("u1", "s2"), {}, deed("login", noon, "u1", "s2")));
    EXPECT_FALSE(store->create_session(session_of("nobody", "s3"), {}, deed("nobody")));
    must(store->set_roles("u1", {}, deed("user_roles")));
    must(store->rename_user("u1",
                            {
                                .username = Name{"Ann", "ann"}
    },
                            deed("user_rename")));
    must(store->set_password("u1", "h", "s1", deed("password_change")));
    EXPECT_TRUE(must(store->end_session("s1", deed("logout"))));
    EXPECT_FALSE(must(store->end_session("s1", deed("logged out before"))));
    EXPECT_FALSE(must(store->end_session("s404", deed("never was"))));
    EXPECT_THAT(must(store->end_sessions_of("u1", "", deed("none is left"))), IsEmpty());
    must(store->block_user("u1", deed("user_block")));
    EXPECT_EQ(store->create_session(session_of("u1", "s4"), {}, deed("blocked")).error(),
              StoreError::blocked);
    must(store->unblock_user("u1", deed("user_unblock")));
    must(store->create_session(session_of("u1", "s5"), {}, deed("login", noon, "u1", "s5")));
    EXPECT_THAT(must(store->end_sessions_of("u1", "", deed("logout_all", noon, "u1", "s5"))),
                ElementsAre("s5"));
    must(store->delete_user("u1", deed("user_delete", noon, "u1", "")));
    for (const auto& call :
         {store->delete_user("u1", deed("gone")), store->block_user("u1", deed("gone")),
          store->set_password("u1", "h", "", deed("gone"))}) {
        EXPECT_EQ(call.error(), StoreError::not_found);
    }
    EXPECT_EQ(store->set_roles("u1", {}, deed("gone")).error(), StoreError::not_found);
    EXPECT_EQ(store->unblock_user("u1", deed("gone")).error(), StoreError::not_found);
    EXPECT_EQ(store->rename_user("u1", {}, deed("gone")).error(), StoreError::not_found);

    auto told = events();
    std::ranges::reverse(told);
    EXPECT_THAT(told,
                ElementsAre("invite_create", "user_register u1 s1", "user_add u2", "login u1 s2",
                            "user_roles u1 s1", "user_rename u1 s1", "password_change u1 s1",
                            "logout u1 s1", "user_block u1 s1", "user_unblock u1 s1", "login u1 s5",
                            "logout_all u1 s5", "user_delete u1"));
}

TEST_P(AuditContract, AWriteWithoutARecordLeavesNone)
{
    add_user("u1");
    add_session("u1", "s1");
    EXPECT_TRUE(must(store->end_session("s1", noon)));
    must(store->delete_user("u1", noon));
    EXPECT_THAT(all(), IsEmpty());
}

TEST_P(AuditContract, EachEvictedSessionHasARecordOfItsOwn)
{
    add_user("u1");
    add_session("u1", "s1", noon);
    add_session("u1", "s2", noon + 1s);
    add_session("u1", "s3", noon + 2s);
    const SessionStore::Room two{2, true};
    must(store->create_session(session_of("u1", "s4"), two, deed("login", noon + 3s, "u1", "s4")));
    EXPECT_THAT(events(),
                UnorderedElementsAre("login u1 s4", "session_evict u1 s1", "session_evict u1 s2"));
    for (const auto& record : all()) EXPECT_EQ(record.address, "192.0.2.1");
}

TEST_P(AuditContract, IsReadNewestFirstPageByPage)
{
    // Several in one millisecond, and one that comes late.
    for (const auto* event : {"a", "b", "c"}) append(event, noon + 1s);
    append("d", noon + 2s);
    append("late", noon);
    EXPECT_THAT(events(), ElementsAre("d s1", "c s1", "b s1", "a s1", "late s1"));
    std::vector<std::string> paged;
    for (AuditTrail::AuditPlace before;;) {
        const auto page = must(store->read_audit({}, before, 2));
        ASSERT_LE(page.size(), 2U);
        for (const auto& record : page) paged.push_back(record.event);
        if (page.size() < 2) break;
        before = {page.back().at, page.back().number};
    }
    EXPECT_THAT(paged, ElementsAre("d", "c", "b", "a", "late"));
}

TEST_P(AuditContract, IsFilteredByUserKindAndTime)
{
    append("login", noon, "u1");
    append("login", noon + 1s, "u2");
    append("logout", noon + 2s, "u1");
    append("login", noon + 3s, "");
    append("login", noon + 4s, "u1");
    EXPECT_THAT(events({.user_id = "u2"}), ElementsAre("login u2 s1"));
    EXPECT_THAT(events({.event = "logout"}), ElementsAre("logout u1 s1"));
    EXPECT_THAT(events({.user_id = "u1", .event = "login", .since = noon + 1ms}),
                ElementsAre("login u1 s1"));
    EXPECT_EQ(all({.since = noon + 3s}).size(), 2U) << "the moment itself belongs to it";
    EXPECT_EQ(must(store->read_audit({}, {noon + 3s, 0}, 10)).size(), 3U) << "and ends a page";
    EXPECT_THAT(events({.user_id = "nobody"}), IsEmpty());
}

TEST_P(AuditContract, ADeletedUserLeavesAnIdAndNoAddress)
{
    add_user("u1");
    add_user("u2");
    append("login", noon, "u1");
    append("login", noon, "u2");
    append("login", noon, "");
    must(store->delete_user("u1", deed("user_delete", noon + 1s, "u1", "")));
    append("late refusal", noon + 2s, "u1"); // it was collected before
    std::map<std::string, std::set<std::string>> addresses;
    for (const auto& record : all()) addresses[record.user_id].insert(record.address);
    EXPECT_THAT(addresses["u1"], ElementsAre(""));
    EXPECT_THAT(addresses["u2"], ElementsAre("192.0.2.1"));
    EXPECT_THAT(addresses[""], ElementsAre("192.0.2.1"));
    EXPECT_EQ(all({.user_id = "u1"}).size(), 3U);
}

TEST_P(AuditContract, ForgetsTheOldInPieces)
{
    for (int i = 0; i < 5; ++i) append("old", noon + i * 1ms);
    append("new", noon + 5ms);
    EXPECT_TRUE(must(store->forget_audit_before(noon + 5ms, 2)));
    EXPECT_EQ(all().size(), 4U);
    EXPECT_TRUE(must(store->forget_audit_before(noon + 5ms, 2)));
    EXPECT_FALSE(must(store->forget_audit_before(noon + 5ms, 2)));
    EXPECT_THAT(events(), ElementsAre("new s1"));
}

TEST_P(AuditContract, ANumberIsNeverUsedAgain)
{
    append("a", noon);
    const auto first = all().at(0).number;
    EXPECT_FALSE(must(store->forget_audit_before(noon + 1s, 10)));
    append("b", noon);
    EXPECT_GT(all().at(0).number, first);
}

TEST_P(AuditContract, NothingInItIsToldToTheFeed)
{
    append("login", noon);
    EXPECT_THAT(story(), IsEmpty());
}

} // namespace
} // namespace gatehouse::auth::contract
