#include "auth/tokens/told_claims.hpp"
#include "gateway/pipeline/permission.hpp"
#include "gateway/pipeline/refusal_answer.hpp"
#include "tests/gateway/support/heads.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::gateway {
namespace {

using testing::HasSubstr;

constexpr auth::Seconds noon{std::chrono::seconds{1'800'000'000}};

using Texts = std::vector<std::string>;

auth::Principal principal(Texts roles, Texts scopes, Texts plans = {})
{
    auth::Principal somebody;
    somebody.user_id = "ann";
    somebody.roles = std::move(roles);
    somebody.scopes = std::move(scopes);
    auth::ToldClaims told;
    told.claims = {
        {"org.plan", std::move(plans)}
    };
    somebody.told = std::make_shared<const auth::ToldClaims>(std::move(told));
    return somebody;
}

/// "ok", or why not.
std::string judged(const config::RouteSettings& route, const auth::Principal& who)
{
    const auto refusal = refusal_for(route, who, noon);
    if (!refusal) return "ok";
    EXPECT_EQ(refusal->code, RefusalCode::forbidden);
    return refusal->reason;
}

TEST(Permission, NeedsOneOfTheRoles)
{
    config::RouteSettings route;
    EXPECT_EQ(judged(route, principal({}, {})), "ok");
    route.roles = {"admin", "root"};
    EXPECT_EQ(judged(route, principal({"root"}, {})), "ok");
    EXPECT_EQ(judged(route, principal({"x", "admin"}, {})), "ok");
    EXPECT_EQ(judged(route, principal({"Admin"}, {})), "none of the route's roles");
    EXPECT_EQ(judged(route, principal({}, {})), "none of the route's roles");
}

TEST(Permission, NeedsAllOfTheScopes)
{
    config::RouteSettings route;
    route.scopes = {"orders.read", "orders.write"};
    EXPECT_EQ(judged(route, principal({}, {"orders.write", "x", "orders.read"})), "ok");
    const auto* const why = "not all of the scopes orders.read orders.write";
    EXPECT_EQ(judged(route, principal({}, {"orders.read"})), why);
    EXPECT_EQ(judged(route, principal({}, {})), why);
    EXPECT_EQ(judged(route, principal({"orders.read", "orders.write"}, {})), why);
    EXPECT_EQ(judged(route, principal({}, {"orders.read orders.write"})), why);
}

TEST(Permission, NeedsEachClaimToSayOneOfItsValues)
{
    config::RouteSettings route;
    route.claims = {
        {"org.plan", {"pro", "team"}}
    };
    EXPECT_EQ(judged(route, principal({}, {}, {"team"})), "ok");
    EXPECT_EQ(judged(route, principal({}, {}, {"free", "pro"})), "ok");
    EXPECT_EQ(judged(route, principal({}, {}, {"free"})), "not the claim org.plan");
    EXPECT_EQ(judged(route, principal({}, {}, {"pro,team"})), "not the claim org.plan");
    EXPECT_EQ(judged(route, principal({}, {})), "not the claim org.plan");
    auto silent = principal({}, {});
    silent.told = nullptr;
    EXPECT_EQ(judged(route, silent), "not the claim org.plan");
    route.claims.push_back({"other", {"x"}});
    EXPECT_EQ(judged(route, principal({}, {}, {"pro"})), "not the claim other");
}

TEST(Permission, NeedsARecentLogin) // RFC 9470
{
    using namespace std::chrono_literals;
    config::RouteSettings route;
    route.max_auth_age = 300s;
    const auto after = [&](std::optional<std::chrono::seconds> age) {
        auto who = principal({}, {});
        if (age) who.auth_time = noon - *age;
        const auto refusal = refusal_for(route, who, noon);
        return refusal ? std::string(to_string(refusal->code)) : "ok";
    };
    EXPECT_EQ(after(0s), "ok");
    EXPECT_EQ(after(300s), "ok");
    EXPECT_EQ(after(-5s), "ok"); // clocks differ
    EXPECT_EQ(after(301s), "insufficient_user_authentication");
    EXPECT_EQ(after(std::nullopt), "insufficient_user_authentication"); // a token that does not say
    route.roles = {"admin"};
    EXPECT_EQ(after(301s), "forbidden"); // a login would not help
    route = {};
    EXPECT_EQ(after(std::nullopt), "ok");
}

TEST(Permission, SaysHowRecentALoginHasToBe) // RFC 9470, 3
{
    config::RouteSettings route;
    route.max_auth_age = std::chrono::minutes(5);
    RefusedRequest request;
    request.delivery.date = "NOW";
    const auto answer = test::written([&](HeadWriter& out) {
        write_refusal(out, *refusal_for(route, principal({}, {}), noon), request);
    });
    EXPECT_THAT(answer, HasSubstr("HTTP/1.1 401 "));
    EXPECT_THAT(answer,
                HasSubstr("WWW-Authenticate: Bearer error=\"insufficient_user_authentication\", "
                          "max_age=\"300\"\r\n"));
    EXPECT_THAT(answer, HasSubstr(R"("code":"insufficient_user_authentication")"));
}

TEST(Permission, NeedsWhatTheRouteRequires)
{
    const struct {
        const char* name;
        Texts require;
        auth::Principal::Shown shown;
        const char* expected;
    } cases[] = {
        {"nothing",                   {},                  {false, false}, "ok"                },
        {"a code that was shown",     {"totp"},            {false, true},  "ok"                },
        {"a code and there is none",  {"totp"},            {false, false}, "not shown: totp"   },
        {"a code and not a passkey",  {"totp"},            {true, false},  "not shown: totp"   },
        {"a passkey that was shown",  {"passkey"},         {true, false},  "ok"                },
        {"a passkey and not a code",  {"passkey"},         {false, true},  "not shown: passkey"},
        {"both that were shown",      {"passkey", "totp"}, {true, true},   "ok"                },
        {"both and there is one",     {"passkey", "totp"}, {false, true},  "not shown: passkey"},
        {"both and there is neither",
         {"passkey", "totp"},
         {false, false},
         "not shown: passkey totp"                                                             },
    };

    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        config::RouteSettings route;
        route.require = c.require;
        auto who = principal({}, {});
        who.shown = c.shown;
        const auto refusal = refusal_for(route, who, noon);
        EXPECT_EQ(refusal ? refusal->reason : "ok", c.expected);
        if (refusal) EXPECT_EQ(refusal->code, RefusalCode::insufficient_user_authentication);
        route.roles = {"admin"};
        EXPECT_EQ(judged(route, who), "none of the route's roles") << "more proof would not help";
    }
}

TEST(Permission, SaysAllThatALoginHasToShow) // RFC 9470, 3
{
    config::RouteSettings route;
    route.require = {"passkey", "totp"};
    route.max_auth_age = std::chrono::minutes(5);
    auto who = principal({}, {});
    who.auth_time = noon - std::chrono::minutes(6);
    who.shown.passkey = true;
    EXPECT_EQ(refusal_for(route, who, noon)->challenge,
              R"(error="insufficient_user_authentication", acr_values="totp", max_age="300")");
    who.auth_time = noon;
    EXPECT_EQ(refusal_for(route, who, noon)->challenge,
              R"(error="insufficient_user_authentication", acr_values="totp")");
    EXPECT_THAT(refusal_for(route, who, noon)->message, HasSubstr("totp"));
}

TEST(Permission, NeedsAllOfIt)
{
    config::RouteSettings route;
    route.roles = {"admin"};
    route.scopes = {"read"};
    route.claims = {
        {"org.plan", {"pro"}}
    };
    EXPECT_EQ(judged(route, principal({"admin"}, {"read"}, {"pro"})), "ok");
    EXPECT_EQ(judged(route, principal({}, {"read"}, {"pro"})), "none of the route's roles");
    EXPECT_EQ(judged(route, principal({"admin"}, {}, {"pro"})), "not all of the scopes read");
    EXPECT_EQ(judged(route, principal({"admin"}, {"read"}, {"x"})), "not the claim org.plan");
}

TEST(Permission, SaysWhichScopesAreNeeded) // RFC 6750, 3.1
{
    const auto answer = [](const config::RouteSettings& route) {
        RefusedRequest request;
        request.delivery.date = "NOW";
        return test::written([&](HeadWriter& out) {
            write_refusal(out, *refusal_for(route, principal({}, {}), noon), request);
        });
    };
    config::RouteSettings scopes;
    scopes.scopes = {"orders.read", "orders.write"};
    EXPECT_THAT(answer(scopes), HasSubstr("HTTP/1.1 403 "));
    EXPECT_THAT(answer(scopes), HasSubstr("WWW-Authenticate: Bearer error=\"insufficient_scope\", "
                                          "scope=\"orders.read orders.write\"\r\n"));
    EXPECT_THAT(answer(scopes), HasSubstr(R"("code":"forbidden")"));
    config::RouteSettings roles;
    roles.roles = {"admin"};
    EXPECT_THAT(answer(roles), testing::Not(HasSubstr("WWW-Authenticate")));
}

} // namespace
} // namespace gatehouse::gateway
