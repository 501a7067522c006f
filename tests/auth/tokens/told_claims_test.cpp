#include "auth/json/reader.hpp"
#include "auth/revocation/revocation_table.hpp"
#include "auth/tokens/authenticator.hpp"
#include "auth/tokens/token_issuer.hpp"
#include "auth/tokens/told_claims.hpp"
#include "tests/auth/tokens/forge.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::auth {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

config::Settings asking_for(std::vector<std::string> paths)
{
    config::Settings settings;
    auto& route = settings.routes.emplace_back();
    for (auto& path : paths) route.claims.push_back({std::move(path), {"x"}});
    return settings;
}

TEST(ToldClaims, AreTextsHoweverTheyAreWritten)
{
    struct Case {
        const char* path;
        std::vector<std::string> expected;
    };

    const std::string payload =
        R"({"text":"pro","number":5,"huge":-7,"truth":true,"list":["a",2,false],
        "org":{"plan":"pro","deep":{"x":"y"},"a.b":"c"},"empty":[],"none":null,"fraction":5.5,"exponent":1e3,
        "mixed":["a",{"b":1}],"holed":["a",null],"nested":[["a"]]})";
    const Case cases[] = {
        {"text",        {"pro"}            },
        {"number",      {"5"}              },
        {"huge",        {"-7"}             },
        {"truth",       {"true"}           },
        {"list",        {"a", "2", "false"}},
        {"org.plan",    {"pro"}            },
        {"org.deep.x",  {"y"}              },
        {R"(org.a\.b)", {"c"}              },
        {"org.a.b",     {}                 },
        {"org",         {}                 },
        {"org.plan.x",  {}                 },
        {"list.a",      {}                 },
        {"absent",      {}                 },
        {"absent.plan", {}                 },
        {"empty",       {}                 },
        {"none",        {}                 },
        {"fraction",    {}                 },
        {"exponent",    {}                 },
        {"mixed",       {}                 }, // never a part of a list
        {"holed",       {}                 },
        {"nested",      {}                 },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.path);
        const ClaimQuestions questions(asking_for({c.path}));
        const auto told = questions.answer(*json::read(payload), {});
        ASSERT_NE(told->find(c.path), nullptr);
        EXPECT_EQ(told->find(c.path)->values, c.expected);
    }
}

TEST(ToldClaims, AreAskedForOnce)
{
    EXPECT_TRUE(ClaimQuestions().empty());
    EXPECT_TRUE(ClaimQuestions(config::Settings()).empty());
    const ClaimQuestions questions(asking_for({"a", "b", "a"}));
    const auto told = questions.answer(*json::read(R"({"a":"1","b":"2","c":"3"})"), {});
    EXPECT_EQ(told->claims.size(), 2U);
    EXPECT_EQ(told->find("c"), nullptr);
}

class FollowedRoles : public ::testing::Test {
protected:
    static config::Settings settings_with_rules()
    {
        auto settings = asking_for({"roles", "scope", "UserInfo.roles", "first", "plan"});
        settings.tokens.role_scopes = {
            {"admin",  {"write", "read"}},
            {"reader", {"read"}         },
        };
        settings.auth.contract.claims = {
            {{"UserInfo", config::Shape{{{"roles", config::Fill::roles}}}},
             {"first", config::Fill::role},
             {"plan", "pro"}}
        };
        return settings;
    }

    [[nodiscard]] const Principal& identify()
    {
        const auto principal = authenticator.identify(token, noon);
        EXPECT_TRUE(principal);
        return **principal;
    }

    [[nodiscard]] std::vector<std::string> told(const char* path)
    {
        return identify().told->find(path)->values;
    }

    config::Settings settings = settings_with_rules();
    RevocationTable revocations;
    std::shared_ptr<const KeyRing> ring = make_ring(jose::Algorithm::es256);
    Authenticator authenticator{settings.tokens, revocations, ring, 64, ClaimQuestions(settings)};
    std::string token = [this] {
        auto claims = access_claims();
        claims.roles = {"admin"};
        claims.scopes = {"write", "read"};
        return TokenIssuer(settings.tokens)
            .access(*ring, claims,
                    R"({"UserInfo":{"roles":["admin"]},"first":"admin","plan":"pro"})");
    }();
};

TEST_F(FollowedRoles, AreThoseOfTheTokenAtFirst)
{
    EXPECT_THAT(identify().scopes, ElementsAre("write", "read"));
    EXPECT_THAT(told("roles"), ElementsAre("admin"));
    EXPECT_THAT(told("scope"), ElementsAre("write read"));
    EXPECT_THAT(told("UserInfo.roles"), ElementsAre("admin"));
    EXPECT_THAT(told("first"), ElementsAre("admin"));
    EXPECT_THAT(told("plan"), ElementsAre("pro"));
}

TEST_F(FollowedRoles, AreTheNewOnesAtOnceInWhateverTellsThem) // DESIGN 6
{
    for (const bool warm : {false, true}) {
        SCOPED_TRACE(warm ? "remembered" : "new");
        revocations.set_roles("alice", {"reader"}, noon + 1h);
        EXPECT_THAT(identify().scopes, ElementsAre("read"));
        EXPECT_THAT(told("roles"), ElementsAre("reader"));
        EXPECT_THAT(told("scope"), ElementsAre("read"));
        EXPECT_THAT(told("UserInfo.roles"), ElementsAre("reader"));
        EXPECT_THAT(told("first"), ElementsAre("reader"));
        EXPECT_THAT(told("plan"), ElementsAre("pro"));
        revocations.set_roles("alice", {}, noon + 1h);
        EXPECT_THAT(identify().scopes, IsEmpty());
        for (const auto* path : {"roles", "scope", "UserInfo.roles", "first"}) {
            EXPECT_THAT(told(path), IsEmpty()) << path;
        }
    }
}

TEST_F(FollowedRoles, AreNotLookedForWhereNobodyAsks)
{
    Authenticator plain{settings.tokens, revocations, ring};
    const auto principal = plain.identify(token, noon);
    ASSERT_TRUE(principal);
    EXPECT_EQ((*principal)->told, nullptr);
    EXPECT_THAT((*principal)->scopes, ElementsAre("write", "read"));
}

} // namespace
} // namespace gatehouse::auth
