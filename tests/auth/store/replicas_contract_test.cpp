#include "tests/auth/store/contract.hpp"

#include <gmock/gmock.h>

namespace gatehouse::auth::contract {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class ReplicaContract : public StoreContract {
protected:
    /// Every entry as "name applied/beat".
    [[nodiscard]] std::vector<std::string> entries() const
    {
        std::vector<std::string> all;
        for (const auto& entry : must(store->replicas()).entries) {
            all.push_back(entry.replica + " " + std::to_string(entry.applied) + "/" +
                          std::to_string(entry.beat));
        }
        return all;
    }

    [[nodiscard]] std::uint64_t newest() const { return must(store->replicas()).newest; }
};

INSTANTIATE_TEST_SUITE_P(Stores, ReplicaContract, every_feed, name_of);

TEST_P(ReplicaContract, IsEmptyInTheBeginning)
{
    EXPECT_THAT(entries(), IsEmpty());
    EXPECT_EQ(newest(), 0U);
}

TEST_P(ReplicaContract, KeepsTheNewestReportOfEach)
{
    must(store->report({"a", 0, 1}));
    must(store->report({"b", 7, 1}));
    must(store->report({"a", 5, 2}));
    EXPECT_THAT(entries(), UnorderedElementsAre("a 5/2", "b 7/1"));
}

TEST_P(ReplicaContract, IgnoresAReportThatComesLate)
{
    must(store->report({"a", 5, 3}));
    must(store->report({"a", 9, 2}));
    must(store->report({"a", 9, 3}));
    EXPECT_THAT(entries(), ElementsAre("a 5/3"));
}

TEST_P(ReplicaContract, StrikesOutOnlyWhoHasNotReportedSince)
{
    must(store->report({"a", 0, 1}));
    must(store->report({"b", 0, 1}));
    must(store->report({"a", 0, 2}));
    must(store->strike_out("a", 1));
    must(store->strike_out("b", 1));
    must(store->strike_out("nobody", 1));
    EXPECT_THAT(entries(), ElementsAre("a 0/2"));
    must(store->report({"b", 3, 2}));
    EXPECT_THAT(entries(), UnorderedElementsAre("a 0/2", "b 3/2"));
}

TEST_P(ReplicaContract, SaysHowFarTheFeedHasCome)
{
    add_user("u1");
    for (const auto* id : {"s1", "s2"}) add_session("u1", id);
    EXPECT_EQ(newest(), 0U); // the feed says nothing of logins
    for (const auto* id : {"s1", "s2"}) {
        must(store->end_session(id, noon));
        EXPECT_EQ(newest(), must(store->changes_after(0, 10)).back().sequence);
    }
    const auto last = newest();
    must(store->report({"a", last, 1}));
    EXPECT_EQ(newest(), last); // reports are no news
    EXPECT_EQ(must(store->replicas()).entries.at(0).applied, last);
}

class CountingReplicaContract : public ReplicaContract {};

INSTANTIATE_TEST_SUITE_P(Stores, CountingReplicaContract, every_store, name_of);

TEST_P(CountingReplicaContract, KnowsTheNewestChangeAlsoWhenItIsForgotten)
{
    must(store->announce_keys(noon));
    must(store->announce_keys(noon));
    EXPECT_FALSE(must(store->forget_before(noon + 1h, 10)));
    EXPECT_EQ(newest(), 2U);
}

TEST_P(ReplicaContract, IsTheSameForEveryProcess)
{
    if (GetParam() == std::string("memory")) return; // it has only one
    const auto other = open_kind(GetParam(), folder.path(), StoreRole::command);
    must(other->report({"a", 4, 1}));
    EXPECT_THAT(entries(), ElementsAre("a 4/1"));
}

} // namespace
} // namespace gatehouse::auth::contract
