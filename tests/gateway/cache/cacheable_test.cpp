#include "gateway/cache/cacheable.hpp"
#include "tests/gateway/cache/sent_request.hpp"

#include <gtest/gtest.h>

namespace gatehouse::gateway::test {
namespace {

using namespace std::chrono_literals;

std::optional<Variation> varied(std::string_view vary, const std::vector<Field>& request)
{
    const std::vector<Field> answer{
        {"Vary", vary}
    };
    return variation_of(answer, request, usual_policy());
}

TEST(Vary, ChoosesByWhatTheAnswerNames)
{
    const std::vector<Field> german{
        {"Accept-Language", "de, en"},
        {"Accept-Encoding", "gzip"  }
    };
    const auto variation = varied("accept-language", german);
    ASSERT_TRUE(variation);
    const auto fits = [&](const std::vector<Field>& request) { return variation->fits(request); };
    EXPECT_TRUE(fits(german));
    EXPECT_TRUE(fits({
        {"ACCEPT-LANGUAGE", "DE ,en"}
    }));
    EXPECT_TRUE(fits({
        {"Accept-Language", "de"},
        {"Accept-Language", "en"}
    }));
    EXPECT_FALSE(fits({
        {"Accept-Language", "en, de"}
    }));
    EXPECT_FALSE(fits({
        {"Accept-Language", "de"}
    }));
    EXPECT_FALSE(fits({}));
}

TEST(Vary, TellsAnEmptyFieldFromNone)
{
    const auto without = varied("x", {});
    EXPECT_TRUE(without->fits(std::vector<Field>{}));
    EXPECT_FALSE(without->fits(std::vector<Field>{
        {"X", ""}
    }));
    EXPECT_NE(varied("x",
                     {
                         {"X", ""}
    }),
              without);
    EXPECT_NE(varied("x",
                     {
                         {"X", "a"}
    }),
              varied("x", {{"X", "A"}}));
}

TEST(Vary, IsOneWhateverItsOrder)
{
    EXPECT_EQ(varied("a, B",
                     {
                         {"A", "1"}
    }),
              varied("b,a,A", {{"A", "1"}}));
}

TEST(Vary, LeadsNowhereWhereNoTwoRequestsAreAlike)
{
    for (const auto* vary : {"*", "a, *", "Cookie", "X-Request-Id", "X-Forwarded-For", "Forwarded",
                             "traceparent", "a b", "(a)"}) {
        SCOPED_TRACE(vary);
        EXPECT_FALSE(varied(vary, {}));
    }
    std::string many = "a0";
    for (int i = 1; i < 40; ++i) many += fmt::format(",a{}", i);
    EXPECT_FALSE(varied(many, {}));
    const std::string huge(5000, 'x');
    EXPECT_FALSE(varied("a", {
                                 {"A", huge}
    }));
}

TEST(Vary, OfWhoAsksIsForNobodyElse)
{
    for (const auto* vary : {"X-User-Id", "Authorization", "X_User_Id"}) {
        SCOPED_TRACE(vary);
        const auto variation = varied(vary, {});
        ASSERT_TRUE(variation);
        EXPECT_TRUE(variation->of_user());
    }
    EXPECT_FALSE(varied("Accept", {})->of_user());
}

constexpr auth::Seconds noon{1'784'894'400s};

struct Answered {
    const char* name;
    std::vector<Field> fields;
    KeptFor expected;
    unsigned status = 200;
    Sent sent{};
    config::RouteCacheSettings settings{};
    Framing framing{BodyKind::length, 5};
};

void check(const Answered& c)
{
    SCOPED_TRACE(fmt::format("{} {}", c.name, c.status));
    ResponseHead head;
    head.status = c.status;
    head.fields = c.fields;
    head.framing = c.framing;
    const auto asked = c.sent.keyed();
    const auto terms = judge_answer(head, *asked, usual_policy(), c.settings, noon, noon);
    EXPECT_EQ(terms.whom, c.expected);
}

const Field a_minute{"Cache-Control", "max-age=60"};
const Field for_everybody{"Cache-Control", "public, max-age=60"};

Field told(std::string_view text)
{
    return {"Cache-Control", text};
}

TEST(Cacheable, KeepsAnswersForWhomTheyAre)
{
    using enum KeptFor;
    const Sent ada{.user = "ada"};
    const Sent cookie{.fields = "Cookie: cart=1\r\n"};
    const Sent ada_and_cookie{.fields = "Cookie: cart=1\r\n", .user = "ada"};
    config::RouteCacheSettings shared;
    shared.shared = true;
    const Answered cases[] = {
        {"says nothing", {}, nobody},
        {"fresh for a minute", {a_minute}, user},
        {"the same, of a user", {a_minute}, user, 200, ada},
        {"public", {for_everybody}, all, 200, ada},
        {"s-maxage is not public", {told("s-maxage=60")}, user, 200, ada},
        {"private", {told("private, max-age=60")}, nobody, 200, ada},
        {"private and public", {told("public, private, max-age=60")}, nobody, 200, ada},
        {"private in part", {told("public, max-age=60, private=\"x\"")}, nobody},
        {"no-store", {told("public, no-store, max-age=60")}, nobody},
        {"no-cache, to be asked each time", {told("no-cache"), {"ETag", "\"a\""}}, user},
        {"with cookies of the service", {a_minute}, nobody, 200, cookie},
        {"the same of a user", {a_minute}, nobody, 200, ada_and_cookie},
        {"public, though cookies came", {for_everybody}, all, 200, cookie},
        {"shared by the settings", {a_minute}, all, 200, ada, shared},
        {"private beats the settings", {told("private, max-age=60")}, nobody, 200, ada, shared},
        {"public, but by who asks", {for_everybody, {"Vary", "X-User-Id"}}, user, 200, ada},
        {"public, but by Authorization",
         {for_everybody, {"Vary", "Authorization"}},
         user, 200,
         ada},
        {"public, but by cookies", {for_everybody, {"Vary", "Cookie"}}, nobody},
        {"varies in everything", {for_everybody, {"Vary", "*"}}, nobody},
    };
    for (const auto& c : cases) check(c);
}

TEST(Cacheable, KeepsNothingThatIsNotTheSameForTheNext)
{
    using enum KeptFor;
    std::vector<Answered> cases = {
        {"sets a cookie", {for_everybody, {"Set-Cookie", "a=b"}}, nobody},
        {"asks for a login", {for_everybody, {"WWW-Authenticate", "Basic"}}, nobody},
        {"a part", {for_everybody, {"Content-Range", "bytes 0-1/9"}}, nobody},
        {"until close", {for_everybody}, nobody, 200, {}, {}, {BodyKind::until_close, 0}},
        {"too long", {for_everybody}, nobody, 200, {}, {}, {BodyKind::length, 2 * 1024 * 1024}},
        {"no body", {for_everybody}, all, 204, {}, {}, {}},
        {"chunked", {for_everybody}, all, 200, {}, {}, {BodyKind::chunked, 0}},
    };
    for (const unsigned status :
         {101U, 206U, 304U, 400U, 401U, 403U, 405U, 412U, 413U, 414U, 416U, 429U, 431U})
        cases.push_back({"status", {for_everybody}, nobody, status});
    for (const unsigned status : {404U, 410U, 503U, 302U}) {
        cases.push_back({"with a time", {for_everybody}, all, status});
        cases.push_back({"without", {told("public")}, nobody, status});
    }
    for (const auto& c : cases) check(c);
}

CacheUse judged(std::string_view method, std::vector<Field> fields, Framing framing = {})
{
    RequestHead head;
    head.method = method;
    head.fields = std::move(fields);
    head.framing = framing;
    return judge_request(head, cache_directives(head.fields));
}

TEST(Cacheable, AnswersWhatAsksForAllOfIt)
{
    EXPECT_EQ(judged("GET", {}), CacheUse::kept);
    EXPECT_EQ(judged("HEAD", {}), CacheUse::kept);
    EXPECT_EQ(judged("GET",
                     {
                         {"If-None-Match", "\"a\""}
    }),
              CacheUse::kept);
    for (const auto* method : {"POST", "PUT", "DELETE", "OPTIONS", "get", "PURGE"})
        EXPECT_EQ(judged(method, {}), CacheUse::one_time) << method;
    for (const auto* name : {"Range", "If-Range", "If-Match", "If-Unmodified-Since"})
        EXPECT_EQ(judged("GET",
                         {
                             {name, "x"}
        }),
                  CacheUse::one_time)
            << name;
    EXPECT_EQ(judged("GET",
                     {
                         {"Cache-Control", "no-store"}
    }),
              CacheUse::one_time);
    EXPECT_EQ(judged("GET", {}, {BodyKind::length, 3}), CacheUse::one_time);
    EXPECT_EQ(judged("GET", {}, {BodyKind::chunked, 0}), CacheUse::one_time);
}

} // namespace
} // namespace gatehouse::gateway::test
