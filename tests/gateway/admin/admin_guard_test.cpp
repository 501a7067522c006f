// Who is let in to the admin API, and who is not.
#include "auth/json/reader.hpp"
#include "tests/gateway/admin/admin_fixture.hpp"

#include <gmock/gmock.h>

#include <unistd.h>

namespace gatehouse::gateway {
namespace {

using test::AdminTest;
using test::Ask;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

/// "GET /admin/v1/users/{user}" as a request for somebody who is not there.
Ask of_name(const std::string& name)
{
    const auto blank = name.find(' ');
    auto path = name.substr(blank + 1);
    const auto open = path.find('{');
    if (open != std::string::npos) path.replace(open, path.find('}') - open + 1, "nobody");
    return {name.substr(0, blank), path, "", {}};
}

TEST_F(AdminTest, NoCallIsAnsweredWithoutTheCredential)
{
    for (const auto& name : AdminApi::calls_by_name()) {
        SCOPED_TRACE(name);
        EXPECT_EQ(outcome(ask(of_name(name), "", "127.0.0.1", name)), "401 token_missing");
    }
    EXPECT_EQ(quits, 0);
    EXPECT_EQ(outcome(ask(test::get("/admin/v1/nothing"))), "401 token_missing");
    EXPECT_THAT(house.log.take(), Contains("admin_refused token_missing"));
}

TEST_F(AdminTest, OnlyTheRightCredentialInItsPlaceOpens)
{
    const auto status = test::get("/admin/v1/status");
    const std::string token = test::admin_token;

    struct Case {
        const char* name;
        Ask ask;
        const char* query;
        const char* expected;
    };

    const Case cases[] = {
        {"right", status.with("Authorization", "Bearer " + token), "", "200"},
        {"any case of Bearer", status.with("Authorization", "bEARER " + token), "", "200"},
        {"another one", status.with("Authorization", "Bearer " + token + "x"), "",
         "401 token_invalid"},
        {"a part of it", status.with("Authorization", "Bearer " + token.substr(1)), "",
         "401 token_invalid"},
        {"as Basic", status.with("Authorization", "Basic " + token), "", "401 token_missing"},
        {"two fields",
         status.with("Authorization", "Bearer " + token).with("Authorization", "Bearer " + token),
         "", "401 token_invalid"},
        {"in the query", status, "token=an-admin-token-0123456789abcdef0123456789",
         "401 token_missing"},
        {"in a cookie", status.with("Cookie", "access_token=" + token), "", "401 token_missing"},
        {"under another field", status.with("X-Admin-Token", token), "", "401 token_missing"},
    };
    for (const auto& each : cases) {
        SCOPED_TRACE(each.name);
        EXPECT_EQ(outcome(ask(each.ask, each.query)), each.expected);
    }
}

TEST_F(AdminTest, AUsersTokenOpensNothing)
{
    const auto ada = house.joined("ada");
    const auto asked = test::get("/admin/v1/users").bearing(ada.access_token);
    EXPECT_EQ(outcome(ask(asked)), "401 token_invalid");
}

TEST_F(AdminTest, ACredentialIsNotTakenFromTheQuery)
{
    const auto asked = call("GET", "/admin/v1/status");
    for (const auto* query : {"token=x", "access_token=x", "limit=5", "&", "a"}) {
        EXPECT_EQ(outcome(ask(asked, query)), "400 bad_request") << query;
    }
}

TEST_F(AdminTest, PagesOfABrowserAreRefused)
{
    const auto asked = call("GET", "/admin/v1/status");
    const std::pair<const char*, const char*> rows[] = {
        {"Origin",         "https://evil.example" },
        {"Origin",         "http://127.0.0.1:9901"},
        {"Origin",         "null"                 },
        {"sec-fetch-site", "cross-site"           },
        {"Sec-Fetch-Site", "same-site"            },
        {"Sec-Fetch-Site", "same-origin"          },
    };
    for (const auto& [name, value] : rows) {
        EXPECT_EQ(outcome(ask(asked.with(name, value))), "403 origin_forbidden") << value;
    }
    EXPECT_EQ(outcome(ask(asked.with("Sec-Fetch-Site", "none"))), "200");
}

TEST_F(AdminTest, ANameThatWasBentToOurAddressIsRefused)
{
    const auto asked = call("GET", "/admin/v1/status");
    for (const auto* host : {"127.0.0.1:9901", "127.0.0.1", "[::1]:9901", "localhost:9901",
                             "LOCALHOST", "localhost.", "10.1.2.3:80"}) {
        EXPECT_EQ(outcome(ask(asked, "", host)), "200") << host;
    }
    for (const auto* host : {"evil.example:9901", "localhost.evil.example",
                             "127.0.0.1.evil.example", "xlocalhost", "", "gateway"}) {
        EXPECT_EQ(outcome(ask(asked, "", host)), "403 forbidden") << host;
    }
}

struct NamedHost : AdminTest {
    NamedHost() : AdminTest(named()) {}

    static config::Settings named()
    {
        auto settings = with_token(auth::quick_settings());
        settings.admin_api.hosts = {"gateway.internal", "*.admin.internal"};
        return settings;
    }
};

TEST_F(NamedHost, MayBeConfigured)
{
    const auto asked = call("GET", "/admin/v1/status");
    EXPECT_EQ(outcome(ask(asked, "", "Gateway.Internal:9901")), "200");
    EXPECT_EQ(outcome(ask(asked, "", "a.admin.internal")), "200");
    for (const auto* host : {"other.internal", "a.b.admin.internal", "admin.internal"}) {
        EXPECT_EQ(outcome(ask(asked, "", host)), "403 forbidden") << host;
    }
}

TEST_F(AdminTest, AUnixSocketIsForRootAndTheOwnUserWithoutACredential)
{
    const auto own = ::geteuid();
    const auto with_token = call("GET", "/admin/v1/status");
    const auto bare = test::get("/admin/v1/status");

    struct Case {
        const char* name;
        Ask ask;
        uid_t user;
        const char* expected;
    };

    const Case cases[] = {
        {"root", bare, 0, "200"},
        {"the own user", bare, own, "200"},
        {"another one", bare, own + 1, "403 forbidden"},
        {"another one with a token", with_token, own + 1, "403 forbidden"},
        {"nobody whom we know", bare, ~0U, "403 forbidden"},
        {"a page that was led there", bare.with("Origin", "http://a.test"), own,
         "403 origin_forbidden"},
    };
    for (const auto& each : cases) {
        SCOPED_TRACE(each.name);
        unix_user = each.user;
        EXPECT_EQ(outcome(ask(each.ask, "", "any.name", "unix:uid=7")), each.expected);
    }
    EXPECT_THAT(house.log.take(), Contains("admin_refused forbidden"));
}

TEST_F(AdminTest, AnotherUserOfTheMachineIsSlowedDown)
{
    unix_user = ::geteuid() + 1;
    const auto asked = test::get("/admin/v1/status");
    for (std::uint32_t i = 0; i < house.settings.admin_api.refusals_per_minute; ++i) {
        ASSERT_EQ(outcome(ask(asked, "", "x", "unix:uid=7")), "403 forbidden") << i;
    }
    EXPECT_EQ(outcome(ask(asked, "", "x", "unix:uid=7")), "429 too_many_attempts");
}

TEST_F(AdminTest, WhoGuessesIsSlowedDownAndNobodyElse)
{
    const auto guess = test::get("/admin/v1/status").with("Authorization", "Bearer wrong");
    const auto most = house.settings.admin_api.refusals_per_minute;
    for (std::uint32_t i = 0; i < most; ++i) {
        ASSERT_EQ(outcome(ask(guess)), "401 token_invalid") << i;
    }
    const auto late = ask(guess);
    EXPECT_EQ(outcome(late), "429 too_many_attempts");
    EXPECT_GE(late.refusal->retry_after, 1U);
    EXPECT_EQ(outcome(ask(guess, "", "127.0.0.1", "192.0.2.9")), "401 token_invalid");
    // Not even at the same address: who shows the right one is no guesser.
    EXPECT_EQ(outcome(ask(call("GET", "/admin/v1/status"))), "200");
    house.clock.advance(std::chrono::seconds(late.refusal->retry_after));
    EXPECT_EQ(outcome(ask(guess)), "401 token_invalid");
}

TEST_F(AdminTest, WhatWasShownIsInNoRecord)
{
    (void)ask(test::get("/admin/v1/status").with("Authorization", "Bearer guessed-by-somebody"));
    (void)ask(call("POST", "/admin/v1/quit"));
    EXPECT_THAT(house.log.everything(), Not(HasSubstr("guessed-by-somebody")));
    EXPECT_THAT(house.log.everything(), Not(HasSubstr(test::admin_token)));
}

} // namespace
} // namespace gatehouse::gateway
