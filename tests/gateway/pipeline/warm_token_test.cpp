#include "auth/revocation/revocation_table.hpp"
#include "auth/tokens/authenticator.hpp"
#include "auth/tokens/token_issuer.hpp"
#include "tests/auth/tokens/forge.hpp"
#include "tests/gateway/support/allocation_count.hpp"

#include <gtest/gtest.h>

namespace gatehouse::gateway {
namespace {

using namespace auth;
using namespace auth::testing;

// PERFORMANCE, rules 2 and 9. Here and not beside the authenticator's other tests, because this
// binary can count allocations.
TEST(WarmToken, IsCheckedWithoutAnAllocation)
{
    if (!test::counts_allocations()) GTEST_SKIP() << "a sanitizer owns the allocator";
    const config::TokenSettings settings;
    const auto ring = make_ring(jose::Algorithm::es256);
    auto claims = access_claims("a-user-id-longer-than-small-strings");
    claims.roles = {"a-role-that-does-not-fit-a-small-string", "another"};
    const auto token = TokenIssuer(settings).access(*ring, claims);

    RevocationTable revocations;
    revocations.end_session(Id128{5, 6}, noon + 1h);
    revocations.block("somebody else");
    revocations.set_roles(claims.user_id, {"new-roles-that-do-not-fit-a-small-string"}, noon + 1h);
    Authenticator authenticator(settings, revocations, ring);
    const auto count = test::allocations_of([&] {
        const auto principal = authenticator.identify(token, noon);
        ASSERT_TRUE(principal);
        ASSERT_EQ((*principal)->roles.size(), 1U);
    });
    EXPECT_EQ(count, 0U);
    EXPECT_EQ(authenticator.verifications(), 1U);
}

} // namespace
} // namespace gatehouse::gateway
