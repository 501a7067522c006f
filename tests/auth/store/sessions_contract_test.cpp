#include "tests/auth/store/contract.hpp"

#include <gmock/gmock.h>

namespace gatehouse::auth::contract {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class SessionContract : public StoreContract {
protected:
    SessionContract() { add_user("u1"); }

    [[nodiscard]] bool rotate(std::string_view id, Generation from, Millis now) const
    {
        return must(store->rotate(id, from, refreshed(now), now));
    }

    [[nodiscard]] std::vector<std::string> live_ids(std::string_view user, Seconds now) const
    {
        std::vector<std::string> ids;
        for (const auto& session : must(store->list_sessions(user, now))) ids.push_back(session.id);
        return ids;
    }
};

INSTANTIATE_TEST_SUITE_P(Stores, SessionContract, every_session_store, name_of);

/// What an operator does to all sessions.
class SessionFence : public SessionContract {};

INSTANTIATE_TEST_SUITE_P(Stores, SessionFence, every_store, name_of);

/// What the clock does to them.
class SessionUpkeep : public SessionContract {};

INSTANTIATE_TEST_SUITE_P(Stores, SessionUpkeep, every_store_with_sessions, name_of);

TEST_P(SessionContract, GivesBackEveryFieldOfASession)
{
    Session session = session_of("u1", "s1");
    session.delivery = SessionDelivery::cookie;
    session.generation = 7;
    session.issued_at = noon + 3s;
    session.expires_at = noon + 9s;
    session.login_at = noon - 5s;
    session.address = "2001:db8::1";
    session.user_agent = "curl/8";
    session.amr = {"pwd", "a word, with :,"};
    session.unseen = 6;
    must(store->create_session(session, {}, noon));

    const auto found = must(store->find_session("s1"));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->user_id, "u1");
    EXPECT_EQ(found->generation, 7U);
    EXPECT_EQ(found->issued_at, noon + 3s);
    EXPECT_EQ(found->expires_at, noon + 9s);
    EXPECT_EQ(found->login_at, noon - 5s);
    EXPECT_EQ(found->delivery, SessionDelivery::cookie);
    EXPECT_EQ(found->address, "2001:db8::1");
    EXPECT_EQ(found->user_agent, "curl/8");
    EXPECT_THAT(found->amr, ElementsAre("pwd", "a word, with :,"));
    EXPECT_EQ(found->unseen, 6U);
    EXPECT_FALSE(found->ended_at);
    EXPECT_THAT(found->superseded, IsEmpty());
    EXPECT_FALSE(must(store->find_session("s2")));
}

TEST_P(SessionContract, AnEndedSessionNeverLivesAgain) // R43, R44
{
    add_session("u1", "s1");
    EXPECT_TRUE(must(store->end_session("s1", noon + 1s)));
    EXPECT_FALSE(must(store->end_session("s1", noon + 2s)));
    EXPECT_FALSE(must(store->end_session("never was", noon)));
    EXPECT_FALSE(rotate("s1", 1, noon + 2s));
    EXPECT_THAT(must(store->end_sessions_of("u1", "", noon + 3s)), IsEmpty());
    const auto again = store->create_session(session_of("u1", "s1"), {}, noon + 4s);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error(), StoreError::unavailable);

    EXPECT_EQ(must(store->find_session("s1"))->ended_at, noon + 1s);
    EXPECT_THAT(live_ids("u1", noon), IsEmpty());
}

TEST_P(SessionContract, EndsAlsoASessionWhoseRefreshTokenExpired)
{
    add_session("u1", "s1");
    EXPECT_TRUE(must(store->end_session("s1", noon + 2 * year)));
    add_session("u1", "s2");
    EXPECT_THAT(must(store->end_sessions_of("u1", "", noon + 2 * year)), ElementsAre("s2"));
}

TEST_P(SessionContract, EndsAllSessionsOfAUserButTheOneToKeep) // R47: and nobody else's
{
    add_user("u2");
    for (const auto* id : {"s1", "s2", "s3"}) add_session("u1", id);
    add_session("u2", "other");
    EXPECT_THAT(must(store->end_sessions_of("u1", "s2", noon)), UnorderedElementsAre("s1", "s3"));
    EXPECT_THAT(live_ids("u1", noon), ElementsAre("s2"));
    EXPECT_THAT(must(store->end_sessions_of("u1", "other", noon)), ElementsAre("s2"));
    EXPECT_THAT(live_ids("u2", noon), ElementsAre("other"));
    EXPECT_THAT(must(store->end_sessions_of("nobody", "", noon)), IsEmpty());
    EXPECT_THAT(story(), ElementsAre("session_ended s1", "session_ended s3", "session_ended s2"));
}

TEST_P(SessionContract, ListsLiveSessionsNewestLoginFirst) // R47
{
    add_user("u2");
    add_session("u2", "other");
    for (const auto& [id, login] : {
             std::pair{"b", 2},
             std::pair{"a", 3},
             std::pair{"c", 1}
    }) {
        auto session = session_of("u1", id);
        session.login_at = noon + std::chrono::seconds(login);
        must(store->create_session(session, {}, noon));
    }
    auto brief = session_of("u1", "brief");
    brief.expires_at = noon + 10s;
    must(store->create_session(brief, {}, noon));
    add_session("u1", "ended");
    must(store->end_session("ended", noon));

    EXPECT_THAT(live_ids("u1", noon + 9s), ElementsAre("a", "b", "c", "brief"));
    EXPECT_THAT(live_ids("u1", noon + 10s), ElementsAre("a", "b", "c"));
    EXPECT_THAT(live_ids("nobody", noon), IsEmpty());
    ASSERT_TRUE(rotate("a", 1, noon));
    EXPECT_EQ(must(store->list_sessions("u1", noon))[0].superseded.size(), 1U);
}

TEST_P(SessionContract, NeedsAnUnblockedUser)
{
    EXPECT_EQ(store->create_session(session_of("nobody", "s1"), {}, noon).error(),
              StoreError::not_found);
    must(store->block_user("u1", noon));
    EXPECT_EQ(store->create_session(session_of("u1", "s1"), {}, noon).error(), StoreError::blocked);
    EXPECT_FALSE(must(store->find_session("s1")));
    must(store->unblock_user("u1", noon));
    add_session("u1", "s1");
}

TEST_P(SessionContract, MakesRoomByEndingTheLeastRecentlyUsed)
{
    const SessionStore::Room two{.max_per_user = 2, .evict_oldest = true};
    add_user("u2");
    add_session("u2", "other");
    add_session("u1", "s1", noon + 1ms);
    add_session("u1", "s2", noon + 2ms);
    ASSERT_TRUE(rotate("s1", 1, noon + 3ms)); // used later than s2 was made

    EXPECT_THAT(must(store->create_session(session_of("u1", "s3"), two, noon + 4ms)),
                ElementsAre("s2"));
    EXPECT_THAT(must(store->create_session(session_of("u1", "s4"), two, noon + 5ms)),
                ElementsAre("s1"));
    EXPECT_THAT(live_ids("u1", noon), ElementsAre("s4", "s3"));
    EXPECT_EQ(must(store->find_session("s1"))->ended_at, noon + 5ms);
    EXPECT_THAT(story(), ElementsAre("session_ended s2", "session_ended s1"));
    EXPECT_THAT(live_ids("u2", noon), ElementsAre("other"));
}

TEST_P(SessionContract, MakesRoomForALimitThatWasLowered)
{
    for (const auto* id : {"s1", "s2", "s3", "s4"}) add_session("u1", id); // all of one instant
    const SessionStore::Room one{.max_per_user = 1, .evict_oldest = true};
    EXPECT_THAT(must(store->create_session(session_of("u1", "s5"), one, noon)),
                ElementsAre("s1", "s2", "s3", "s4"));
    EXPECT_THAT(live_ids("u1", noon), ElementsAre("s5"));
}

TEST_P(SessionContract, RefusesOneTooManyWhereEvictionIsOff)
{
    const SessionStore::Room two{.max_per_user = 2, .evict_oldest = false};
    add_session("u1", "s1");
    must(store->create_session(session_of("u1", "s2"), two, noon));
    EXPECT_EQ(store->create_session(session_of("u1", "s3"), two, noon).error(),
              StoreError::too_many_sessions);
    EXPECT_THAT(live_ids("u1", noon), UnorderedElementsAre("s1", "s2"));
    EXPECT_THAT(story(), IsEmpty());
    must(store->end_session("s1", noon));
    must(store->create_session(session_of("u1", "s3"), two, noon));
}

TEST_P(SessionContract, DeadSessionsTakeNoRoom)
{
    const SessionStore::Room one{.max_per_user = 1, .evict_oldest = false};
    auto brief = session_of("u1", "brief");
    brief.expires_at = noon + 10s;
    must(store->create_session(brief, one, noon));
    must(store->create_session(session_of("u1", "s1"), one, noon + 10s));
}

TEST_P(SessionUpkeep, ForgetsOnlyWhatIsLongOver)
{
    auto brief = session_of("u1", "expired");
    brief.expires_at = noon + 10s;
    must(store->create_session(brief, {}, noon));
    add_session("u1", "live");
    add_session("u1", "ended early");
    add_session("u1", "ended late");
    ASSERT_TRUE(rotate("ended early", 1, noon));
    must(store->end_session("ended early", noon + 20s));
    must(store->end_session("ended late", noon + 60s));
    must(store->create_invite("stale", noon + 10s, noon));
    must(store->create_invite("fresh", noon + 10h, noon));

    EXPECT_FALSE(must(store->forget_before(noon + 60s, 10)));
    EXPECT_FALSE(must(store->find_session("expired")));
    EXPECT_FALSE(must(store->find_session("ended early")));
    EXPECT_TRUE(must(store->find_session("ended late")));
    EXPECT_TRUE(must(store->find_session("live")));
    EXPECT_THAT(story(), ElementsAre("session_ended ended late"));
    must(store->create_user(user_called("u2", "u2"), "fresh", noon));
    EXPECT_THAT(live_ids("u1", noon), ElementsAre("live"));
}

TEST_P(SessionUpkeep, ForgetsABoundedPieceAtATime)
{
    for (int i = 0; i < 5; ++i) {
        const auto id = "s" + std::to_string(i);
        add_session("u1", id);
        must(store->end_session(id, noon));
        must(store->create_invite(id, noon, noon));
    }
    const auto left = [&] {
        int sessions = 0;
        for (int i = 0; i < 5; ++i) {
            if (must(store->find_session("s" + std::to_string(i)))) ++sessions;
        }
        return std::pair(sessions, static_cast<int>(story().size()));
    };
    EXPECT_TRUE(must(store->forget_before(noon + 60s, 2)));
    EXPECT_EQ(left(), std::pair(3, 3));
    EXPECT_TRUE(must(store->forget_before(noon + 60s, 2)));
    EXPECT_EQ(left(), std::pair(1, 1));
    EXPECT_FALSE(must(store->forget_before(noon + 60s, 2)));
    EXPECT_EQ(left(), std::pair(0, 0));
}

TEST_P(SessionFence, AFenceEndsEverySessionAndSaysHowMany)
{
    must(store->create_user(user_called("u2", "u2"), {}, noon));
    const int many = 205; // more than one piece
    for (int i = 0; i < many; ++i) {
        add_session(i % 2 == 0 ? "u1" : "u2", "s" + std::to_string(i));
    }
    must(store->end_session("s7", noon));
    EXPECT_EQ(must(store->end_every_session(noon + 1s)), many - 1);
    EXPECT_EQ(must(store->find_session("s7"))->ended_at, noon);
    for (const auto* id : {"s0", "s1", "s204"}) {
        EXPECT_EQ(must(store->find_session(id))->ended_at, noon + 1s) << id;
        EXPECT_FALSE(rotate(id, 1, noon + 1s)) << id;
    }
    EXPECT_THAT(live_ids("u1", noon + 1s), IsEmpty());
    EXPECT_THAT(live_ids("u2", noon + 1s), IsEmpty());
    EXPECT_EQ(must(store->end_every_session(noon + 2s)), 0U);
    add_session("u1", "after", noon + 2s);
    EXPECT_TRUE(rotate("after", 1, noon + 3s));
}

TEST_P(SessionFence, AFenceIsHeardByThoseWhoHadHeardMoreThanWasRestored)
{
    add_session("u1", "s1");
    add_session("u1", "s2");
    constexpr std::uint64_t heard_before_the_restore = 1'000'000;
    EXPECT_EQ(must(store->end_every_session(noon)), 2U);
    EXPECT_THAT(story(heard_before_the_restore),
                testing::UnorderedElementsAre("session_ended s1", "session_ended s2"));
    EXPECT_EQ(must(store->standing(noon - 1s)).sequence,
              must(store->changes_after(0, 9)).back().sequence);
}

} // namespace
} // namespace gatehouse::auth::contract
