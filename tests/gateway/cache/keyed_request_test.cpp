#include "gateway/headers/treatment.hpp"
#include "tests/gateway/cache/sent_request.hpp"

#include <gtest/gtest.h>

#include <set>

namespace gatehouse::gateway::test {
namespace {

TEST(KeyedRequest, HasOneKeyForWhatIsTheSame)
{
    const Sent usual;
    const char* const neutral[] = {
        "User-Agent: x\r\n",           "Referer: http://x/\r\n",       "Accept: text/html\r\n",
        "Sec-Fetch-Mode: cors\r\n",    "X-Forwarded-For: 1.2.3.4\r\n", "If-None-Match: \"a\"\r\n",
        "Cache-Control: no-cache\r\n", "Accept-Language: de\r\n",
    };
    for (const auto* field : neutral) {
        SCOPED_TRACE(field);
        EXPECT_EQ(Sent{.fields = field}.all(), usual.all());
        EXPECT_EQ(Sent{.fields = field}.own(), usual.own());
    }
    EXPECT_EQ((Sent{.user = "ada"}.all()), usual.all()) << "what is for all is one";
}

TEST(KeyedRequest, TellsApartWhatMayHaveAnotherAnswer)
{
    const Sent different[] = {
        {},
        {.target = "/b?b=c"},
        {.target = "/a?b=d", .query = "?b=d"},
        {.target = "/a", .query = ""},
        {.scheme = "https"},
        {.host = "b"},
        {.path = "/x/a"}, // the same to the upstream, by another route's strip_prefix
        {.route = 1},
        {.upstream = "other"},
        {.generation = 2},
        {.fields = "X-Forwarded-Host: evil\r\n"},
        {.fields = "X-Forwarded-Proto: https\r\n"},
        {.fields = "X-Forwarded-Prefix: /evil\r\n"},
        {.fields = "X-Original-URL: /admin\r\n"},
        {.fields = "X-HTTP-Method-Override: POST\r\n"},
        {.fields = "X-Anything: 1\r\n"},
        {.fields = "X-Anything: 2\r\n"},
        {.fields = "X-Anything: 1\r\nX-Anything: 1\r\n"},
        {.fields = "Origin: http://evil\r\n"},
        {.fields = "Content-Type: x\r\n"},
    };
    std::set<std::string> all;
    std::set<std::string> own;
    for (const auto& sent : different) {
        all.insert(sent.all());
        own.insert(sent.own());
    }
    EXPECT_EQ(all.size(), std::size(different));
    EXPECT_EQ(own.size(), std::size(different));
}

TEST(KeyedRequest, CountsWhatTheRouteItselfWrites) // cache.written_fields
{
    config::HeaderChanges changes;
    changes.add = {
        {"Via", "{certificate.subject}"}
    };
    const HeaderPlan plan(changes);
    for (const auto* name : {"Via", "via", "VIA"}) {
        const auto told = [&](const char* whom, const HeaderPlan* by) {
            return Sent{.fields = std::string(name) + ": " + whom + "\r\n", .changes = by};
        };
        SCOPED_TRACE(name);
        EXPECT_NE(told("CN=ada", &plan).own(), told("CN=bob", &plan).own());
        EXPECT_NE(told("CN=ada", &plan).all(), told("CN=bob", &plan).all());
        EXPECT_EQ(told("CN=ada", nullptr).own(), told("CN=bob", nullptr).own());
    }
    EXPECT_EQ((Sent{.fields = "User-Agent: x\r\n", .changes = &plan}.own()), Sent{}.own());
}

TEST(KeyedRequest, MixesNoPartsUp)
{
    EXPECT_NE((Sent{.host = "a", .path = "/b"}.own()), (Sent{.host = "a/", .path = "b"}.own()));
    EXPECT_NE((Sent{.user = "ad", .api_key = "a"}.own()), (Sent{.user = "ada"}.own()));
    EXPECT_NE((Sent{.fields = "X-A: 1:x-b2:22\r\n"}.own()),
              (Sent{.fields = "X-A: 1\r\nX-B: 22\r\n"}.own()));
}

TEST(KeyedRequest, BelongsToWhoeverAsked)
{
    const Sent different[] = {
        {},
        {.user = "ada"},
        {.user = "eve"},
        {.user = "partner:ada"},
        {.user = "ada", .issuer = 1},
        {.user = "ada", .api_key = "k1"},
        {.fields = "X-User-Roles: admin\r\n", .user = "ada"},
        {.fields = "X-User-Roles: user\r\n", .user = "ada"},
        {.fields = "X-Session-Id: 1\r\n", .user = "ada"},
        {.fields = "X-Session-Id: 1\r\n"}, // as a certificate may say it where no token does
    };
    std::set<std::string> own;
    for (const auto& sent : different) {
        own.insert(sent.own());
        EXPECT_NE(sent.own(), sent.all());
    }
    EXPECT_EQ(own.size(), std::size(different));
}

TEST(KeyedRequest, KnowsWhatTheServiceTellsPeopleApartBy)
{
    EXPECT_TRUE(Sent{.fields = "Cookie: cart=1\r\n"}.keyed()->is_personal);
    EXPECT_TRUE(Sent{.fields = "Authorization: Basic eA==\r\n"}.keyed()->is_personal);
    EXPECT_FALSE(Sent{.user = "ada"}.keyed()->is_personal);
    EXPECT_TRUE(Sent{.user = "ada"}.keyed()->has_user);
}

TEST(KeyedRequest, MayBeToldApartByMore)
{
    const Sent german{.fields = "Accept-Language: de\r\n", .vary = {"accept-language"}};
    const Sent english{.fields = "Accept-Language: en\r\n", .vary = {"accept-language"}};
    EXPECT_NE(german.all(), english.all());
}

TEST(KeyedRequest, IsNoKeyWhereItIsTooLong)
{
    EXPECT_TRUE(Sent{.fields = "X-A: " + std::string(20'000, 'a') + "\r\n"}.keyed()->is_too_long);
    EXPECT_FALSE(Sent{}.keyed()->is_too_long);
}

} // namespace
} // namespace gatehouse::gateway::test
