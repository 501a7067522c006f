#include "tests/auth/store/contract.hpp"

#include <gmock/gmock.h>

namespace gatehouse::auth::contract {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class LeaseContract : public StoreContract {
protected:
    /// Takes "tidy" at `now` for ten seconds.
    [[nodiscard]] bool take(const std::string& holder, Millis now) const
    {
        return must(store->take_lease("tidy", holder, now, now + 10s));
    }

    void give_up(const std::string& holder, Millis now) const
    {
        must(store->give_up_lease("tidy", holder, now));
    }

    [[nodiscard]] Millis end() const { return must(store->list_leases()).at(0).until; }
};

INSTANTIATE_TEST_SUITE_P(Stores, LeaseContract, every_store, name_of);

TEST_P(LeaseContract, BelongsToTheFirstUntilItsEnd)
{
    EXPECT_TRUE(take("a", noon));
    EXPECT_FALSE(take("b", noon));
    EXPECT_FALSE(take("b", noon + 10s - 1ms));
    EXPECT_TRUE(take("b", noon + 10s));
    EXPECT_FALSE(take("a", noon + 10s));
}

TEST_P(LeaseContract, IsRenewedByItsHolder)
{
    EXPECT_TRUE(take("a", noon));
    EXPECT_TRUE(take("a", noon + 9s));
    EXPECT_FALSE(take("b", noon + 18s));
    EXPECT_TRUE(take("a", noon + 30s)); // nobody took it meanwhile
    EXPECT_FALSE(take("b", noon + 39s));
}

TEST_P(LeaseContract, ARenewalNeverShortens)
{
    EXPECT_TRUE(take("a", noon + 30s));
    EXPECT_TRUE(take("a", noon)); // its clock was set back
    EXPECT_EQ(end(), noon + 40s);
    EXPECT_FALSE(take("b", noon + 40s - 1ms));
}

TEST_P(LeaseContract, AClockThatIsBehindTakesNothing)
{
    EXPECT_TRUE(take("a", noon));
    EXPECT_FALSE(take("b", noon - 1h));
    EXPECT_TRUE(take("a", noon + 5s));
    EXPECT_EQ(end(), noon + 15s);
}

TEST_P(LeaseContract, AnybodyTakesWhatWasGivenUp)
{
    EXPECT_TRUE(take("a", noon));
    give_up("a", noon + 1s);
    EXPECT_FALSE(take("b", noon + 1s - 1ms)); // behind the one who gave it up
    EXPECT_TRUE(take("b", noon + 1s));
    EXPECT_FALSE(take("a", noon + 2s));
}

TEST_P(LeaseContract, GivingUpWhatIsNotOnesOwnChangesNothing)
{
    give_up("a", noon);
    EXPECT_THAT(must(store->list_leases()), IsEmpty());
    EXPECT_TRUE(take("a", noon));
    give_up("b", noon + 1s);
    EXPECT_FALSE(take("b", noon + 2s));
    give_up("a", noon + 1h); // long over: what is past stays as it was
    EXPECT_EQ(end(), noon + 10s);
}

TEST_P(LeaseContract, LeasesOfOtherNamesAreOthers)
{
    const std::string odd("b'; \0\xff", 6);
    EXPECT_TRUE(take("a", noon));
    EXPECT_TRUE(must(store->take_lease("keys", odd, noon, noon + 1s)));
    EXPECT_TRUE(must(store->take_lease("", "", noon, noon + 2s)));
    using Lease = Leases::Lease;
    EXPECT_THAT(must(store->list_leases()),
                ElementsAre(Lease{"", "", noon + 2s}, Lease{"keys", odd, noon + 1s},
                            Lease{"tidy", "a", noon + 10s}));
}

TEST_P(LeaseContract, TheFeedDoesNotSpeakOfThem)
{
    EXPECT_TRUE(take("a", noon));
    give_up("a", noon);
    EXPECT_THAT(story(), IsEmpty());
}

} // namespace
} // namespace gatehouse::auth::contract
