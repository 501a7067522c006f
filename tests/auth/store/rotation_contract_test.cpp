#include "tests/auth/store/contract.hpp"

#include <gmock/gmock.h>

namespace gatehouse::auth::contract {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class RotationContract : public StoreContract {
protected:
    RotationContract() { add_user("u1"); }

    [[nodiscard]] bool rotate(std::string_view id, Generation from, Millis now) const
    {
        return must(store->rotate(id, from, refreshed(now), now));
    }
};

INSTANTIATE_TEST_SUITE_P(Stores, RotationContract, every_session_store, name_of);

TEST_P(RotationContract, RotationWritesTheNewTermsAndRemembersTheOldGeneration) // R40
{
    add_session("u1", "s1");
    const RotationTerms terms{noon + 100s, noon + 200s, "192.0.2.9", "firefox"};
    EXPECT_TRUE(must(store->rotate("s1", 1, terms, noon + 100s + 7ms)));

    const auto session = must(store->find_session("s1"));
    EXPECT_EQ(session->generation, 2U);
    EXPECT_EQ(session->issued_at, noon + 100s);
    EXPECT_EQ(session->expires_at, noon + 200s);
    EXPECT_EQ(session->login_at, noon);
    EXPECT_EQ(session->address, "192.0.2.9");
    EXPECT_EQ(session->user_agent, "firefox");
    ASSERT_EQ(session->superseded.size(), 1U);
    EXPECT_EQ(session->superseded[0].generation, 1U);
    EXPECT_EQ(session->superseded[0].superseded_at, noon + 100s + 7ms);
    EXPECT_THAT(story(), IsEmpty()); // a rotation is nobody else's business
}

TEST_P(RotationContract, RotatesOnlyALiveSessionFromItsCurrentGeneration) // R41, R43, R45, R46
{
    add_user("blocked");
    add_user("unblocked");
    add_user("deleted");
    add_session("u1", "ended");
    add_session("blocked", "of blocked");
    add_session("unblocked", "of unblocked");
    add_session("deleted", "of deleted");
    must(store->end_session("ended", noon));
    must(store->block_user("blocked", noon));
    must(store->block_user("unblocked", noon));
    must(store->unblock_user("unblocked", noon));
    must(store->delete_user("deleted", noon));
    add_session("u1", "s1");
    ASSERT_TRUE(rotate("s1", 1, noon));

    const struct {
        const char* name;
        const char* session;
        Generation from;
        Millis now;
    } rows[] = {
        {"the generation before",            "s1",           1, noon             },
        {"a generation yet to come",         "s1",           3, noon             },
        {"generation 0",                     "s1",           0, noon             },
        {"on the instant it expires",        "s1",           2, noon + year      },
        {"long expired",                     "s1",           2, noon + year + 99h},
        {"an ended session",                 "ended",        1, noon             },
        {"a session of a blocked user",      "of blocked",   1, noon             },
        {"a session from before an unblock", "of unblocked", 1, noon             },
        {"a session of a deleted user",      "of deleted",   1, noon             },
        {"an unknown session",               "s9",           1, noon             },
        {"the id in other letters",          "S1",           2, noon             },
    };

    for (const auto& row : rows) {
        SCOPED_TRACE(row.name);
        const auto before = must(store->find_session(row.session));
        EXPECT_FALSE(rotate(row.session, row.from, row.now));
        const auto after = must(store->find_session(row.session));
        ASSERT_EQ(before.has_value(), after.has_value());
        if (!after) continue;
        EXPECT_EQ(after->generation, before->generation);
        EXPECT_EQ(after->expires_at, before->expires_at);
        EXPECT_EQ(after->superseded.size(), before->superseded.size());
        EXPECT_EQ(after->ended_at, before->ended_at);
    }
    EXPECT_TRUE(rotate("s1", 2, noon + year - 1ms)); // none of these attempts broke it
}

TEST_P(RotationContract, RemembersThe32NewestSupersededGenerations)
{
    add_session("u1", "s1");
    const auto at = [](Generation from) { return noon + std::chrono::milliseconds(10 * from); };
    for (Generation from = 1; from <= 40; ++from) ASSERT_TRUE(rotate("s1", from, at(from)));
    const auto session = must(store->find_session("s1"));
    EXPECT_EQ(session->generation, 41U);
    ASSERT_EQ(session->superseded.size(), superseded_limit);
    for (std::size_t i = 0; i < superseded_limit; ++i) {
        const auto expected = static_cast<Generation>(9 + i); // oldest first
        EXPECT_EQ(session->superseded[i].generation, expected);
        EXPECT_EQ(session->superseded[i].superseded_at, at(expected));
    }
}

TEST_P(RotationContract, RemembersAsManySupersededGenerationsAsTheTermsSay)
{
    add_session("u1", "s1");
    const auto remembered = [&](Generation from, std::uint32_t kept) {
        auto terms = refreshed(noon);
        terms.kept = kept;
        EXPECT_TRUE(must(store->rotate("s1", from, terms, noon)));
        std::vector<Generation> all;
        const auto session = must(store->find_session("s1"));
        for (const auto& each : session->superseded) all.push_back(each.generation);
        return all;
    };
    EXPECT_THAT(remembered(1, 1000), ElementsAre(1));
    for (Generation from = 2; from <= 39; ++from) remembered(from, 1000);
    EXPECT_EQ(remembered(40, 1000).size(), 40U);
    EXPECT_THAT(remembered(41, 3), ElementsAre(39, 40, 41)) << "a smaller number counts at once";
    EXPECT_THAT(remembered(42, 1), ElementsAre(42));
    EXPECT_THAT(remembered(43, 2), ElementsAre(42, 43));
}

TEST_P(RotationContract, TellsGenerationsOfOneMillisecondApart) // R42
{
    add_session("u1", "s1");
    for (Generation from = 1; from <= 5; ++from) EXPECT_TRUE(rotate("s1", from, noon));
    EXPECT_FALSE(rotate("s1", 5, noon));
    EXPECT_EQ(must(store->find_session("s1"))->generation, 6U);
}

TEST_P(RotationContract, AWatchedPairIsUnseenUntilItsUseIsTold)
{
    add_session("u1", "s1");
    const auto unseen = [&] { return must(store->find_session("s1"))->unseen; };
    const auto tell = [&](std::vector<SeenGeneration> seen) {
        EXPECT_THAT(must(store->mark_seen(seen)), IsEmpty());
    };
    EXPECT_EQ(unseen(), 0U) << "nobody watches a login";
    auto watched = refreshed(noon);
    watched.watched = true;
    ASSERT_TRUE(must(store->rotate("s1", 1, watched, noon)));
    EXPECT_EQ(unseen(), 2U);

    tell({
        {"s1",    1},
        {"s1",    3},
        {"never", 2}
    });
    tell({});
    EXPECT_EQ(unseen(), 2U) << "those were other pairs";
    EXPECT_FALSE(rotate("s1", 1, noon));
    EXPECT_EQ(unseen(), 2U) << "nothing was rotated";
    tell({
        {"s1", 2}
    });
    EXPECT_EQ(unseen(), 0U);
    tell({
        {"s1", 2}
    });
    EXPECT_EQ(unseen(), 0U);

    ASSERT_TRUE(must(store->rotate("s1", 2, watched, noon)));
    tell({
        {"s1", 2}
    });
    EXPECT_EQ(unseen(), 3U) << "a use of the pair before says nothing of this one";
    ASSERT_TRUE(rotate("s1", 3, noon));
    EXPECT_EQ(unseen(), 0U) << "nobody watches this one";
    EXPECT_THAT(story(), IsEmpty()); // nor does it concern anybody who listens
}

TEST_P(RotationContract, ManyUsesAreToldAtOnce)
{
    auto watched = refreshed(noon);
    watched.watched = true;
    std::vector<SeenGeneration> seen;
    for (int i = 0; i < 40; ++i) {
        const auto id = "s" + std::to_string(i);
        add_session("u1", id);
        ASSERT_TRUE(must(store->rotate(id, 1, watched, noon)));
        if (i % 2 == 0) seen.push_back({id, 2});
    }
    ASSERT_TRUE(must(store->end_session("s4", noon)));
    EXPECT_THAT(must(store->mark_seen(seen)), IsEmpty());
    for (int i = 0; i < 40; ++i) {
        const auto id = "s" + std::to_string(i);
        const bool untouched = i % 2 == 1 || id == "s4";
        EXPECT_EQ(must(store->find_session(id))->unseen, untouched ? 2U : 0U) << id;
    }
}

} // namespace
} // namespace gatehouse::auth::contract
