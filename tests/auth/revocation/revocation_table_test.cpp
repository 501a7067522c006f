#include "auth/revocation/revocation_table.hpp"

#include <gtest/gtest.h>

#include <random>

namespace gatehouse::auth {
namespace {

using namespace std::chrono_literals;

constexpr Seconds noon{1'800'000'000s};

Id128 id_from(std::mt19937_64& random)
{
    return {random(), random()};
}

TEST(RevocationTable, KnowsExactlyTheSessionsThatEnded)
{
    RevocationTable table;
    std::mt19937_64 random(1);
    std::vector<Id128> ended;
    std::vector<Id128> live;
    for (int i = 0; i < 20'000; ++i) {
        ended.push_back(id_from(random));
        live.push_back(id_from(random));
        table.end_session(ended.back(), noon + 1h);
    }
    for (const auto& id : ended) ASSERT_TRUE(table.is_ended(id));
    for (const auto& id : live) ASSERT_FALSE(table.is_ended(id));
    EXPECT_EQ(table.size(), ended.size());
}

TEST(RevocationTable, TellsApartIdsThatDifferInOneBit)
{
    const Id128 all_zero{};
    const Id128 base{0x0123'4567'89ab'cdef, 0xfedc'ba98'7654'3210};
    RevocationTable table;
    table.end_session(all_zero, noon);
    table.end_session(base, noon);
    EXPECT_TRUE(table.is_ended(all_zero));
    EXPECT_TRUE(table.is_ended(base));
    for (unsigned bit = 0; bit < 64; ++bit) {
        const std::uint64_t flip = std::uint64_t{1} << bit;
        EXPECT_FALSE(table.is_ended({base.high ^ flip, base.low})) << bit;
        EXPECT_FALSE(table.is_ended({base.high, base.low ^ flip})) << bit;
        EXPECT_FALSE(table.is_ended({flip, 0})) << bit;
        EXPECT_FALSE(table.is_ended({0, flip})) << bit;
    }
}

TEST(RevocationTable, HoldsAMillionEndedSessionsIn48MiB)
{
    RevocationTable table;
    std::mt19937_64 random(2);
    std::size_t most = 0;
    for (int i = 0; i < 1'000'000; ++i) {
        table.end_session(id_from(random), noon);
        if (i % 1000 == 0) most = std::max(most, table.memory_bytes());
    }
    most = std::max(most, table.memory_bytes());
    EXPECT_EQ(table.size(), 1'000'000U);
    // Growing copies one shard at a time: a sixty-fourth more for a moment.
    EXPECT_LE(most + most / 64, std::size_t{48} * 1024 * 1024);
}

TEST(RevocationTable, ForgetsASessionWhenItsLastTokenHasExpired)
{
    RevocationTable table;
    const Id128 early{1, 1};
    const Id128 late{1, 2};
    table.end_session(early, noon + 60s);
    table.end_session(late, noon + 60s);
    table.end_session(late, noon + 120s); // the later time counts
    table.end_session(late, noon + 30s);

    table.forget(noon + 59s);
    EXPECT_TRUE(table.is_ended(early));
    table.forget(noon + 60s);
    EXPECT_FALSE(table.is_ended(early));
    EXPECT_TRUE(table.is_ended(late));
    table.forget(noon + 120s);
    EXPECT_FALSE(table.is_ended(late));
    EXPECT_EQ(table.size(), 0U);
}

TEST(RevocationTable, GivesMemoryBackWhenItForgets)
{
    RevocationTable table;
    const auto empty = table.memory_bytes();
    std::mt19937_64 random(3);
    for (int i = 0; i < 100'000; ++i) table.end_session(id_from(random), noon);
    table.forget(noon);
    EXPECT_EQ(table.memory_bytes(), empty);
}

TEST(RevocationTable, AnswersForAUserInOneQuestion)
{
    RevocationTable table;
    EXPECT_FALSE(table.standing_of("ann").blocked);
    EXPECT_EQ(table.standing_of("ann").roles, nullptr);

    table.block("ann");
    table.set_roles("ann", {"admin", "audit"}, noon + 1h);
    table.set_roles("bob", {}, noon + 1h);

    EXPECT_TRUE(table.standing_of("ann").blocked);
    EXPECT_EQ(*table.standing_of("ann").roles, (std::vector<std::string>{"admin", "audit"}));
    EXPECT_FALSE(table.standing_of("bob").blocked);
    ASSERT_NE(table.standing_of("bob").roles, nullptr) << "no roles at all is an answer too";
    EXPECT_TRUE(table.standing_of("bob").roles->empty());
    EXPECT_FALSE(table.standing_of("Ann").blocked);

    table.unblock("ann");
    EXPECT_FALSE(table.standing_of("ann").blocked);
    EXPECT_NE(table.standing_of("ann").roles, nullptr);
}

TEST(RevocationTable, KeepsABlockForeverAndRolesForOneAccessLife)
{
    RevocationTable table;
    table.block("blocked");
    table.set_roles("changed", {"admin"}, noon + 1h);
    table.remove_user("deleted", noon + 1h);

    table.forget(noon + 1h - 1s);
    EXPECT_NE(table.standing_of("changed").roles, nullptr);
    EXPECT_TRUE(table.standing_of("deleted").blocked);
    table.forget(noon + 1h);
    EXPECT_EQ(table.standing_of("changed").roles, nullptr);
    EXPECT_FALSE(table.standing_of("deleted").blocked);
    table.forget(noon + 24h * 10'000);
    EXPECT_TRUE(table.standing_of("blocked").blocked);
    EXPECT_EQ(table.size(), 1U);
}

TEST(RevocationTable, RolesGivenBackAreStillThereAfterTheTableForgotThem)
{
    RevocationTable table;
    table.set_roles("ann", {"admin"}, noon);
    const auto standing = table.standing_of("ann");
    table.forget(noon);
    EXPECT_EQ(standing.roles->at(0), "admin");
}

TEST(RevocationTable, AppliesEveryKindOfChange)
{
    const Id128 session{7, 9};
    RevocationTable table;
    const auto apply = [&](ChangeKind kind, std::string subject) {
        table.apply(Change{1, kind, std::move(subject), {"admin"}, noon}, noon + 1h);
    };
    apply(ChangeKind::session_ended, session.to_string());
    apply(ChangeKind::session_ended, "no id of ours");
    EXPECT_TRUE(table.is_ended(session));
    apply(ChangeKind::user_blocked, "ann");
    EXPECT_TRUE(table.standing_of("ann").blocked);
    apply(ChangeKind::user_unblocked, "ann");
    EXPECT_FALSE(table.standing_of("ann").blocked);
    apply(ChangeKind::roles_changed, "ann");
    EXPECT_EQ(table.standing_of("ann").roles->at(0), "admin");
    apply(ChangeKind::user_deleted, "ann");
    EXPECT_TRUE(table.standing_of("ann").blocked);
    EXPECT_EQ(table.standing_of("ann").roles, nullptr);
    const auto before = table.size();
    apply(ChangeKind::keys_changed, "");
    EXPECT_EQ(table.size(), before);
}

TEST(RevocationTable, TakesWhoeverHasTheIdOfADeletedUserOnceThereIsOne)
{
    RevocationTable table;
    const Id128 session{1, 2};
    table.end_session(session, noon + 1h);
    table.remove_user("ann", noon + 1h);
    table.unblock("ann");
    EXPECT_FALSE(table.standing_of("ann").blocked);
    EXPECT_TRUE(table.is_ended(session)) << "what the one before her left stays ended";
}

TEST(RevocationTable, LoadsWhatAStartingProcessMustRefuse)
{
    const Id128 session{3, 4};
    ChangeFeed::Standing standing;
    standing.ended_sessions = {session.to_string()};
    standing.blocked_users = {"ann"};
    standing.changed_roles = {
        {"bob", {"audit"}}
    };

    RevocationTable table;
    table.load(standing, noon + 1h);
    EXPECT_TRUE(table.is_ended(session));
    EXPECT_TRUE(table.standing_of("ann").blocked);
    EXPECT_EQ(table.standing_of("bob").roles->at(0), "audit");
}

TEST(RevocationTable, DoesNotConfuseThousandsOfUsers)
{
    RevocationTable table;
    for (int i = 0; i < 5'000; ++i) table.block("user" + std::to_string(i));
    for (int i = 0; i < 5'000; i += 2) table.unblock("user" + std::to_string(i));
    table.forget(noon);
    for (int i = 0; i < 6'000; ++i) {
        const bool blocked = i < 5'000 && i % 2 == 1;
        ASSERT_EQ(table.standing_of("user" + std::to_string(i)).blocked, blocked) << i;
    }
    EXPECT_EQ(table.size(), 2'500U);
}

} // namespace
} // namespace gatehouse::auth
