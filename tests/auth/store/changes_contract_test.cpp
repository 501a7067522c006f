#include "tests/auth/store/contract.hpp"

#include <gmock/gmock.h>

namespace gatehouse::auth::contract {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

/// What is true of every feed, also of one that tells of sessions alone and numbers as it likes.
class FeedContract : public StoreContract {
protected:
    FeedContract() { add_user("u1"); }

    [[nodiscard]] std::vector<std::uint64_t> sequences(std::uint64_t after, std::size_t limit) const
    {
        std::vector<std::uint64_t> numbers;
        for (const auto& change : must(store->changes_after(after, limit))) {
            numbers.push_back(change.sequence);
        }
        return numbers;
    }
};

INSTANTIATE_TEST_SUITE_P(Stores, FeedContract, every_feed, name_of);

TEST_P(FeedContract, TellsOfEachEndOnceAndInOrder)
{
    for (const auto* id : {"s1", "s2", "s3"}) add_session("u1", id);
    EXPECT_THAT(story(), IsEmpty()); // the feed says nothing of logins
    must(store->end_session("s2", noon + 1s));
    must(store->end_session("s2", noon + 2s));
    must(store->end_session("unknown", noon + 2s));
    must(store->end_sessions_of("nobody", "", noon + 2s));
    must(store->end_session("s1", noon + 3s));
    must(store->end_session("s3", noon + 3s));
    EXPECT_THAT(story(), ElementsAre("session_ended s2", "session_ended s1", "session_ended s3"));

    const auto changes = must(store->changes_after(0, 100));
    EXPECT_EQ(changes.at(0).at, noon + 1s);
    EXPECT_LT(changes[0].sequence, changes[1].sequence);
    EXPECT_LT(changes[1].sequence, changes[2].sequence);
    EXPECT_THAT(sequences(0, 2), ElementsAre(changes[0].sequence, changes[1].sequence));
    EXPECT_THAT(sequences(changes[0].sequence, 1), ElementsAre(changes[1].sequence));
    EXPECT_THAT(sequences(changes[1].sequence, 100), ElementsAre(changes[2].sequence));
    EXPECT_THAT(sequences(changes[2].sequence, 100), IsEmpty());
    EXPECT_THAT(sequences(0, 0), IsEmpty());
}

TEST_P(FeedContract, TellsOfEverySessionThatACallEnds)
{
    const SessionStore::Room two{.max_per_user = 2, .evict_oldest = true};
    for (const auto* id : {"s1", "s2"}) add_session("u1", id);
    must(store->create_session(session_of("u1", "s3"), two, noon + 1s));
    EXPECT_THAT(story(), ElementsAre("session_ended s1"));
    add_session("u1", "s4", Millis{noon + 2s});
    must(store->end_sessions_of("u1", "s3", noon + 3s));
    EXPECT_THAT(story(),
                UnorderedElementsAre("session_ended s1", "session_ended s2", "session_ended s4"));
}

TEST_P(FeedContract, StandingNamesWhatHasEnded) // R44
{
    for (const auto* id : {"s1", "s2", "live"}) add_session("u1", id);
    must(store->end_session("s1", noon + 1s));
    must(store->end_session("s2", noon + 2s));
    const auto standing = must(store->standing(noon));
    EXPECT_THAT(standing.ended_sessions, UnorderedElementsAre("s1", "s2"));
    EXPECT_EQ(standing.sequence, sequences(0, 100).back());
    must(store->end_session("live", noon + 3s));
    EXPECT_THAT(story(standing.sequence), ElementsAre("session_ended live"));
}

/// What is true of a store's own feed.
class ChangeContract : public FeedContract {};

INSTANTIATE_TEST_SUITE_P(Stores, ChangeContract, every_store, name_of);

TEST_P(ChangeContract, NumbersChangesFromOneWithoutGaps)
{
    for (int i = 0; i < 4; ++i) must(store->announce_keys(noon + std::chrono::seconds(i)));
    EXPECT_THAT(sequences(0, 100), ElementsAre(1, 2, 3, 4));
    EXPECT_THAT(sequences(1, 2), ElementsAre(2, 3));
    EXPECT_THAT(sequences(3, 2), ElementsAre(4));
    EXPECT_THAT(sequences(4, 2), IsEmpty());
    EXPECT_THAT(sequences(400, 2), IsEmpty());
    EXPECT_THAT(sequences(0, 0), IsEmpty());
    const auto second = must(store->changes_after(1, 1));
    EXPECT_EQ(second.at(0).kind, ChangeKind::keys_changed);
    EXPECT_EQ(second.at(0).subject, "");
    EXPECT_EQ(second.at(0).at, noon + 1s);
    EXPECT_THAT(second.at(0).roles, IsEmpty());
}

TEST_P(ChangeContract, ACallThatChangedNothingLeavesNoGap)
{
    must(store->announce_keys(noon));
    EXPECT_FALSE(store->create_user(user_called("u2", "u1"), {}, noon));
    EXPECT_FALSE(store->block_user("nobody", noon));
    const SessionStore::Room one{.max_per_user = 1, .evict_oldest = true};
    add_session("u1", "s1");
    EXPECT_FALSE(store->create_session(session_of("u1", "s1"), one, noon)); // evicts, then fails
    EXPECT_FALSE(must(store->find_session("s1"))->ended_at);
    must(store->announce_keys(noon));
    EXPECT_THAT(sequences(0, 100), ElementsAre(1, 2));
}

TEST_P(ChangeContract, TellsThatThereIsAUserAgainWhereItToldOfTheEnd)
{
    const auto move_in = [&](const std::string& id, Millis since) {
        Deed deed(noon + 3s);
        deed.back_since = since;
        must(store->create_user(user_called(id, id), {}, deed));
    };
    add_user("u2");
    must(store->delete_user("u2", noon + 1s));
    move_in("u2", noon + 1s);
    move_in("u3", noon);
    EXPECT_THAT(story(), ElementsAre("user_deleted u2")) << "too long ago, or never here";
    must(store->delete_user("u2", noon + 2s));
    add_user("u2");
    must(store->delete_user("u2", noon + 2s));
    move_in("u2", noon + 1s);
    EXPECT_EQ(story().back(), "user_unblocked u2");
    EXPECT_THAT(sequences(0, 100), ElementsAre(1, 2, 3, 4));
}

TEST_P(ChangeContract, NeverUsesANumberTwiceEvenWhenAllIsForgotten)
{
    must(store->announce_keys(noon));
    must(store->announce_keys(noon));
    EXPECT_FALSE(must(store->forget_before(noon + 1h, 10)));
    EXPECT_THAT(sequences(0, 100), IsEmpty());
    EXPECT_EQ(must(store->standing(noon)).sequence, 2U);
    must(store->announce_keys(noon + 2h));
    EXPECT_THAT(sequences(0, 100), ElementsAre(3));
}

TEST_P(FeedContract, StandingIsEmptyInTheBeginning)
{
    const auto standing = must(store->standing(noon));
    EXPECT_THAT(standing.ended_sessions, IsEmpty());
    EXPECT_THAT(standing.blocked_users, IsEmpty());
    EXPECT_THAT(standing.changed_roles, IsEmpty());
    EXPECT_EQ(standing.sequence, 0U);
}

TEST_P(ChangeContract, StandingTellsAStartingProcessWhatToRefuse) // R44
{
    for (const auto* id : {"u2", "blocked", "unblocked", "deleted"}) add_user(id);
    for (const auto* id : {"old", "edge", "new"}) {
        add_user(id);
        add_session(id, id);
    }
    add_session("u1", "live");
    add_session("deleted", "of deleted");
    must(store->end_sessions_of("old", "", noon + 10s));
    must(store->end_sessions_of("edge", "", noon + 20s));
    must(store->end_sessions_of("new", "", noon + 20s + 1ms));
    must(store->block_user("blocked", noon));
    must(store->block_user("unblocked", noon));
    must(store->unblock_user("unblocked", noon));
    must(store->delete_user("deleted", noon + 30s));
    const std::vector<std::string> early = {"early"};
    const std::vector<std::string> late = {"late", "r"};
    must(store->set_roles("u1", early, noon + 20s));
    must(store->set_roles("u2", late, noon + 30s));

    const auto standing = must(store->standing(noon + 20s));
    EXPECT_THAT(standing.ended_sessions, UnorderedElementsAre("new", "of deleted"));
    EXPECT_THAT(standing.blocked_users, ElementsAre("blocked"));
    EXPECT_THAT(standing.changed_roles, ElementsAre(Pair("u2", ElementsAre("late", "r"))));
    EXPECT_EQ(standing.sequence, sequences(0, 100).back());
}

TEST_P(FeedContract, WaitingEndsAtOnceWhenSomethingIsThere)
{
    for (const auto* id : {"s1", "s2"}) add_session("u1", id);
    must(store->end_session("s1", noon));
    EXPECT_TRUE(must(store->wait_for_changes(1h)));
    EXPECT_FALSE(must(store->wait_for_changes(0ms)));
    must(store->end_session("s2", noon));
    EXPECT_TRUE(must(store->wait_for_changes(1h)));
}

TEST_P(FeedContract, WaitingCanBeStoppedForGood)
{
    add_session("u1", "s1");
    store->stop_waiting();
    EXPECT_FALSE(must(store->wait_for_changes(1h)));
    must(store->end_session("s1", noon));
    EXPECT_FALSE(must(store->wait_for_changes(1h)));
}

} // namespace
} // namespace gatehouse::auth::contract
