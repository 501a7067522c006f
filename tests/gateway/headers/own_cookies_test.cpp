#include "gateway/headers/header_policy.hpp"
#include "gateway/headers/own_cookies.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <span>

namespace gatehouse::gateway {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(OwnCookies, AreOneUnlessAccessTokensHaveACookieToo)
{
    config::AuthApiSettings settings;
    EXPECT_THAT(own_cookie_names(settings), ElementsAre("refresh_token"));
    CookieFields fields;
    clear_cookies(fields, settings);
    EXPECT_THAT(fields,
                ElementsAre(Pair("Set-Cookie", "refresh_token=; HttpOnly; Secure; SameSite=Strict; "
                                               "Path=/auth; Max-Age=0")));

    settings.session_cookies = true;
    settings.contract.cookie.same_site = config::SameSite::lax;
    settings.access_cookie_name = "__Host-at";
    EXPECT_THAT(own_cookie_names(settings),
                ElementsAre("refresh_token", "__Host-at", "csrf_token"));
    fields.clear();
    const CookieValues values{"r", "a", "c", std::chrono::seconds(9), std::chrono::seconds(5)};
    write_cookies(fields, values, settings);
    EXPECT_THAT(
        fields,
        ElementsAre(
            Pair("Set-Cookie",
                 "refresh_token=r; HttpOnly; Secure; SameSite=Lax; Path=/; Max-Age=9"),
            Pair("Set-Cookie", "__Host-at=a; HttpOnly; Secure; SameSite=Lax; Path=/; Max-Age=5"),
            Pair("Set-Cookie", "csrf_token=c; Secure; SameSite=Lax; Path=/; Max-Age=9")));
}

TEST(OwnCookies, AreKnownAsBrowsersKnowThem)
{
    struct Case {
        const char* set_cookie;
        bool ours;
    };

    const Case cases[] = {
        {"at=1",          true },
        {"at=1; Path=/x", true },
        {"at=",           true },
        {"at",            true },
        {" \tat \t= 1",   true },
        {"AT=1",          true },
        {"=at=1",         true }, // no name, and comes back as at=1
        {" = at=1",       true },
        {"==at=1",        true },
        {"at=1; =x",      true },
        {"rt=1",          true },
        {"",              false},
        {";",             false},
        {"=",             false},
        {"a=at",          false},
        {"a=at=1",        false},
        {"att=1",         false},
        {"a=1; at=1",     false},
        {"\"at\"=1",      false},
        {"a%74=1",        false},
    };
    const std::string names[] = {"rt", "at"};
    for (const auto& c : cases) {
        SCOPED_TRACE(c.set_cookie);
        EXPECT_EQ(sets_cookie_of(c.set_cookie, names), c.ours);
    }
}

TEST(OwnCookies, AreWrittenByNoUpstreamWhereTheyMeanSomething) // headers.sticky_cookie
{
    config::Settings plain;
    plain.upstreams["a"];
    EXPECT_EQ(HeaderPolicy(plain).guarded_cookies, 0U);

    auto sticky = plain;
    sticky.upstreams["b"].sticky_cookie = config::StickyCookieSettings{"at", {}};
    const HeaderPolicy policy(sticky);
    const auto guarded = std::span(policy.cookie_names).last(policy.guarded_cookies);
    EXPECT_TRUE(sets_cookie_of("at=x; Path=/", guarded));
    EXPECT_TRUE(sets_cookie_of(" = AT =x", guarded));
    EXPECT_FALSE(sets_cookie_of("atlas=x", guarded));
    EXPECT_FALSE(sets_cookie_of("refresh_token=x", guarded)) << "no path has it";

    sticky.auth.session_cookies = true;
    const HeaderPolicy all(sticky);
    EXPECT_EQ(all.guarded_cookies, all.cookie_names.size());
}

} // namespace
} // namespace gatehouse::gateway
