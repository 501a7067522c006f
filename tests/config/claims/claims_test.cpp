#include "config/claims/claim_path.hpp"
#include "config/claims/token_claims.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(ClaimPath, IsNamesWithDotsBetweenThem)
{
    EXPECT_THAT(split_claim_path("sub"), ElementsAre("sub"));
    EXPECT_THAT(split_claim_path("org.plan"), ElementsAre("org", "plan"));
    EXPECT_THAT(split_claim_path(R"(https://a\.example/org.plan)"),
                ElementsAre("https://a.example/org", "plan"));
    EXPECT_THAT(split_claim_path(R"(a\\.b)"), ElementsAre("a\\", "b"));
    for (const auto* none : {"", ".", "a.", ".a", "a..b", R"(a\)", R"(a\b)"}) {
        SCOPED_TRACE(none);
        EXPECT_THAT(split_claim_path(none), IsEmpty());
    }
}

TEST(TokenClaims, AreTheirOwnAndThoseOfTheContract)
{
    Settings settings;
    settings.auth.contract.claims = {
        {{"UserInfo", Shape{{{"name", Fill::username}, {"roles", Fill::roles}}}},
         {"first", Fill::role},
         {"plan", "pro"}}
    };

    struct Case {
        const char* path;
        std::optional<TokenClaim> expected;
    };

    const Case cases[] = {
        {"sub",             TokenClaim::value},
        {"roles",           TokenClaim::roles},
        {"scope",           TokenClaim::scope},
        {"aud",             TokenClaim::value},
        {"UserInfo.name",   TokenClaim::value},
        {"UserInfo.roles",  TokenClaim::roles},
        {"first",           TokenClaim::role },
        {"plan",            TokenClaim::value},
        {"UserInfo",        std::nullopt     }, // an object is no value
        {"UserInfo.mail",   std::nullopt     },
        {"UserInfo.name.x", std::nullopt     },
        {"plan.x",          std::nullopt     },
        {"roles.x",         std::nullopt     },
        {"gen",             std::nullopt     },
        {"",                std::nullopt     },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.path);
        EXPECT_EQ(find_claim(settings, c.path), c.expected);
    }
    settings.tokens.audience = {"a", "b"};
    EXPECT_EQ(find_claim(settings, "aud"), TokenClaim::list);
}

} // namespace
} // namespace gatehouse::config
