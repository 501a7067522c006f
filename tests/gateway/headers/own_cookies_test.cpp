#include "gateway/headers/own_cookies.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

} // namespace
} // namespace gatehouse::gateway
