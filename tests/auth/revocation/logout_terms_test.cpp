#include "auth/revocation/logout_terms.hpp"
#include "auth/store/memory/memory_store.hpp"
#include "tests/auth/store/contract.hpp"

#include <gmock/gmock.h>

namespace gatehouse::auth {
namespace {

using namespace std::chrono_literals;
using contract::must;
using contract::noon;
using testing::ElementsAre;
using testing::IsEmpty;

[[nodiscard]] config::Settings with(config::Logout logout, std::chrono::milliseconds lease = 1s)
{
    config::Settings settings;
    settings.logout = logout;
    settings.feed_lease = lease;
    return settings;
}

class LogoutTermsTest : public testing::Test {
protected:
    /// Whom a gateway with these settings sees with others, at `now`.
    [[nodiscard]] std::vector<std::string> seen_by(const config::Settings& settings,
                                                   const std::string& holder, Millis now = noon)
    {
        std::vector<std::string> holders;
        for (const auto& lease :
             must(LogoutTerms(store, settings, holder).declare(now, now + 3min))) {
            holders.push_back(lease.holder);
        }
        return holders;
    }

    MemoryStore store;
    const config::Settings confirmed = with(config::Logout::confirmed);
    const config::Settings immediate = with(config::Logout::immediate);
    const config::Settings patient = with(config::Logout::confirmed, 2s);
};

TEST_F(LogoutTermsTest, SeesNobodyWhereAllAgree)
{
    EXPECT_THAT(seen_by(confirmed, "a"), IsEmpty());
    EXPECT_THAT(seen_by(confirmed, "b"), IsEmpty());
    EXPECT_THAT(seen_by(confirmed, "a", noon + 1min), IsEmpty());
}

TEST_F(LogoutTermsTest, SeesWhoDoesNotConfirmAndWhoHasAnotherLease)
{
    EXPECT_THAT(seen_by(confirmed, "a"), IsEmpty());
    EXPECT_THAT(seen_by(immediate, "b"), ElementsAre("a"));
    EXPECT_THAT(seen_by(patient, "c"), ElementsAre("a", "b"));
    EXPECT_THAT(seen_by(confirmed, "a"), ElementsAre("c", "b"));
}

TEST_F(LogoutTermsTest, TakesTheLeaseOfAnImmediateLogoutForNothing)
{
    EXPECT_THAT(seen_by(with(config::Logout::immediate, 1s), "a"), IsEmpty());
    EXPECT_THAT(seen_by(with(config::Logout::immediate, 5s), "b"), IsEmpty());
}

TEST_F(LogoutTermsTest, ForgetsWhoHasLeftOrIsLongGone)
{
    EXPECT_THAT(seen_by(confirmed, "a"), IsEmpty());
    LogoutTerms(store, confirmed, "stranger").withdraw(noon);
    EXPECT_THAT(seen_by(immediate, "b"), ElementsAre("a")) << "nobody withdraws for another";
    LogoutTerms(store, confirmed, "a").withdraw(noon + 1s);
    EXPECT_THAT(seen_by(immediate, "b", noon + 2s), IsEmpty());
    EXPECT_THAT(seen_by(confirmed, "c", noon + 3min + 2s), IsEmpty()) << "b fell silent";
}

TEST_F(LogoutTermsTest, LooksAtNoOtherLease)
{
    must(store.take_lease("housekeeping", "x", noon, noon + 3min));
    EXPECT_THAT(seen_by(confirmed, "a"), IsEmpty());
    EXPECT_EQ(logout_terms_in(must(store.list_leases()), noon).size(), 1U);
}

} // namespace
} // namespace gatehouse::auth
