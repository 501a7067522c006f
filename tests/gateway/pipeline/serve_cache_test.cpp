// Answers that are kept, and who gets them.
#include "tests/gateway/pipeline/cache_fixture.hpp"
#include "tests/gateway/support/raw_backend.hpp"
#include "tests/gateway/support/test_gateway.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <future>
#include <mutex>

namespace gatehouse::gateway::test {
namespace {

using namespace std::chrono_literals;

/// Answers as it is told, and counts; the body is the number of the request.
struct Service {
    using Script = std::function<std::string(const Message& request, int number)>;

    explicit Service(Script script) : answer(std::move(script)) {}

    Script answer;
    std::atomic<int> asked{0};
    RawBackend backend{[this](RawSocket& socket, std::size_t) {
        for (;;) {
            const auto request = read_request(socket);
            if (!request.complete) return;
            const auto reply = answer(request, ++asked);
            if (reply.empty()) return; // breaks off
            socket.send(reply);
        }
    }};

    [[nodiscard]] config::Settings settings(config::RouteCacheSettings cache = {}) const
    {
        auto settings = public_route_to(backend.url());
        settings.routes.front().cache = std::move(cache);
        return settings;
    }
};

std::string reply(int number, std::string_view fields, std::string_view status = "200 OK")
{
    const auto body = std::to_string(number);
    return fmt::format("HTTP/1.1 {}\r\n{}Content-Length: {}\r\n\r\n{}", status, fields, body.size(),
                       body);
}

Service::Script saying(std::string fields, std::string status = "200 OK")
{
    return [fields, status](const Message&, int number) { return reply(number, fields, status); };
}

TEST(ServeCache, AnswersWithWhatIsKept)
{
    Service service(saying("Cache-Control: public, max-age=60\r\nX-A: b\r\nKeep-Alive: 5\r\n"));
    TestGateway gateway(service.settings(), 2);
    const auto first = gateway.ask(get());
    EXPECT_EQ(first.body, "1");
    EXPECT_EQ(first.field("Cache-Status"), "gatehouse; fwd=miss; stored");
    const auto second = gateway.ask(get());
    EXPECT_EQ(second.body, "1");
    EXPECT_LT(std::stoi(second.field("Age")), 60);
    EXPECT_EQ(second.field("X-A"), "b");
    EXPECT_EQ(second.field("Keep-Alive"), "");
    EXPECT_EQ(second.field("Content-Length"), "1");
    EXPECT_TRUE(second.field("Cache-Status").starts_with("gatehouse; hit; ttl="));
    EXPECT_EQ(gateway.ask(get({}, "/?b")).body, "2");
    EXPECT_EQ(service.asked, 2);
    EXPECT_EQ(gateway.sum_at(&Counters::cache_hits, 1U), 1U);
    EXPECT_EQ(gateway.sum_at(&Counters::cache_misses, 2U), 2U);
}

TEST(ServeCache, KeepsNothingWhereNobodyAskedForIt)
{
    Service service(saying("Cache-Control: public, max-age=60\r\n"));
    TestGateway gateway(public_route_to(service.backend.url()));
    EXPECT_EQ(gateway.ask(get()).body, "1");
    const auto second = gateway.ask(get());
    EXPECT_EQ(second.body, "2");
    EXPECT_EQ(second.field("Cache-Status"), "");
}

TEST(ServeCache, AnswersHeadAndConditionsByItself)
{
    Service service(
        saying("Cache-Control: public, max-age=60\r\nETag: \"x\"\r\nContent-Type: text/plain\r\n"));
    TestGateway gateway(service.settings());
    EXPECT_EQ(gateway.ask(get()).body, "1");
    auto client = gateway.connect();
    client.send(get({}, "/", "HEAD"));
    const auto head = read_response(client, true);
    EXPECT_EQ(head.status(), 200U);
    EXPECT_EQ(head.field("Content-Length"), "1");
    EXPECT_EQ(head.body, "");
    const auto known = gateway.ask(get("If-None-Match: \"x\"\r\n"));
    EXPECT_EQ(known.status(), 304U);
    EXPECT_EQ(known.field("ETag"), "\"x\"");
    EXPECT_EQ(known.field("Content-Type"), "");
    EXPECT_EQ(gateway.ask(get("If-None-Match: \"y\"\r\n")).body, "1");
    EXPECT_EQ(service.asked, 1);
}

TEST(ServeCache, ObeysTheClient)
{
    Service service(saying("Cache-Control: public, max-age=60\r\n"));
    TestGateway gateway(service.settings());
    EXPECT_EQ(gateway.ask(get("Cache-Control: only-if-cached\r\n")).status(), 504U);
    EXPECT_EQ(gateway.ask(get("Cache-Control: no-store\r\n")).body, "1");
    EXPECT_EQ(gateway.ask(get()).body, "2") << "no-store was not kept";
    EXPECT_EQ(gateway.ask(get("Cache-Control: no-store\r\n")).body, "3");
    EXPECT_EQ(gateway.ask(get("Cache-Control: no-cache\r\n")).body, "4");
    EXPECT_EQ(gateway.ask(get("Pragma: no-cache\r\n")).body, "5");
    EXPECT_EQ(gateway.ask(get("Cache-Control: only-if-cached\r\n")).body, "5");
    EXPECT_EQ(gateway.ask(get("Range: bytes=0-0\r\n")).body, "6");
    EXPECT_EQ(gateway.ask(get()).body, "5") << "a part's answer was not kept";
}

TEST(ServeCache, ShowsNobodyTheAnswerOfAnother)
{
    struct Case {
        const char* name;
        const char* told;
        bool shared;
        bool expected; // eve gets what ada got
    };

    const Case cases[] = {
        {"of a user",              "Cache-Control: max-age=60\r\n",                            false, false},
        {"public",                 "Cache-Control: public, max-age=60\r\n",                    false, true },
        {"public, by who asks",    "Cache-Control: public, max-age=60\r\nVary: X-User-Id\r\n", false,
         false                                                                                             },
        {"private",                "Cache-Control: private, max-age=60\r\n",                   true,  false},
        {"shared by the settings", "Cache-Control: max-age=60\r\n",                            true,  true },
        {"with a cookie",          "Cache-Control: public, max-age=60\r\nSet-Cookie: a=b\r\n", true,  false},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        Service service([&](const Message& request, int) {
            const auto user = std::string(request.field("X-User-Id"));
            return fmt::format("HTTP/1.1 200 OK\r\n{}Content-Length: {}\r\n\r\n{}", c.told,
                               user.size(), user);
        });
        config::RouteCacheSettings cache;
        cache.shared = c.shared;
        auto settings = service.settings(cache);
        settings.routes.front().auth = config::AuthMode::optional;
        TestGateway gateway(settings, 2);
        const auto as = [&](std::string_view user) {
            return gateway.ask(get("Authorization: Bearer " + gateway.token_for(user) + "\r\n"))
                .body;
        };
        EXPECT_EQ(as("ada"), "ada");
        EXPECT_EQ(as("eve"), c.expected ? "ada" : "eve");
        EXPECT_EQ(gateway.ask(get()).body, c.expected ? "ada" : "")
            << "nor somebody whom nobody knows";
        EXPECT_EQ(as("ada"), "ada") << "with another token of hers";
    }
}

TEST(ServeCache, AsksEachTimeWhetherOneMayPass)
{
    Service service(saying("Cache-Control: public, max-age=60\r\n"));
    auto settings = service.settings();
    settings.routes.front().auth = config::AuthMode::required;
    TestGateway gateway(settings);
    const auto as_ada = get("Authorization: Bearer " + gateway.token_for("ada") + "\r\n");
    EXPECT_EQ(gateway.ask(as_ada).body, "1");
    EXPECT_EQ(gateway.ask(as_ada).body, "1");
    EXPECT_EQ(gateway.ask(get()).status(), 401U);
    gateway.revocations.block("ada");
    EXPECT_EQ(gateway.ask(as_ada).status(), 401U);
    EXPECT_EQ(service.asked, 1);
}

TEST(ServeCache, CannotBePoisonedByWhatOthersDoNotSend)
{
    Service service([](const Message& request, int) {
        const auto told =
            std::string(request.field("X-Forwarded-Host")) + std::string(request.field("X-Evil")) +
            std::string(request.field("X-Original-URL")) + std::string(request.field("Origin"));
        return fmt::format(
            "HTTP/1.1 200 OK\r\nCache-Control: public, max-age=60\r\nContent-Length: {}\r\n\r\n{}",
            told.size(), told);
    });
    TestGateway gateway(service.settings());
    for (const auto* field :
         {"X-Evil: 1\r\n", "X-Original-URL: 2\r\n", "Origin: 3\r\n", "X-Forwarded-Host: 4\r\n"})
        (void)gateway.ask(get(field));
    const auto clean = gateway.ask(get()).body;
    EXPECT_EQ(clean, "a") << "the host it asked for, and nothing of others";
    EXPECT_EQ(gateway.ask("GET / HTTP/1.1\r\nHost: b\r\n\r\n").body, "b");
}

TEST(ServeCache, KeepsApartWhatCookiesOfTheServiceMayMean)
{
    Service service(saying("Cache-Control: max-age=60\r\n"));
    TestGateway gateway(service.settings());
    EXPECT_EQ(gateway.ask(get("Cookie: cart=1\r\n")).body, "1");
    EXPECT_EQ(gateway.ask(get()).body, "2");
    EXPECT_EQ(gateway.ask(get()).body, "2");
    EXPECT_EQ(gateway.ask(get("Cookie: cart=2\r\n")).body, "3");
}

TEST(ServeCache, KeepsNothingThatIsNotWhole)
{
    struct Case {
        const char* name;
        const char* broken;
    };

    constexpr auto whole =
        "HTTP/1.1 200 OK\r\nCache-Control: public, max-age=60\r\nContent-Length: 4\r\n\r\ngood";
    const Case cases[] = {
        {"too short",
         "HTTP/1.1 200 OK\r\nCache-Control: public, max-age=60\r\nContent-Length: 4\r\n\r\ngo"                   },
        {"no last chunk", "HTTP/1.1 200 OK\r\nCache-Control: public, "
                          "max-age=60\r\nTransfer-Encoding: chunked\r\n\r\n2\r\ngo\r\n" },
        {"a bad chunk",   "HTTP/1.1 200 OK\r\nCache-Control: public, "
                        "max-age=60\r\nTransfer-Encoding: chunked\r\n\r\n2\r\ngo\r\nx\r\n"},
        {"until close",   "HTTP/1.1 200 OK\r\nCache-Control: public, max-age=60\r\n\r\ngo"                       },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        std::atomic<int> asked{0};
        RawBackend backend([&](RawSocket& socket, std::size_t) {
            if (!read_request(socket).complete) return;
            socket.send(++asked == 1 ? c.broken : whole);
        });
        auto settings = public_route_to(backend.url());
        settings.routes.front().cache.emplace();
        TestGateway gateway(settings);
        (void)gateway.ask(get());
        EXPECT_EQ(gateway.ask(get()).body, "good");
        EXPECT_EQ(gateway.ask(get()).body, "good");
        EXPECT_EQ(asked, 2);
    }
}

TEST(ServeCache, KeepsChunkedAnswersAsOne)
{
    Service service([](const Message&, int) {
        return std::string("HTTP/1.1 200 OK\r\nCache-Control: public, "
                           "max-age=60\r\nTransfer-Encoding: chunked\r\n\r\n"
                           "3\r\nabc\r\n3\r\ndef\r\n0\r\nX-Trailer: 1\r\n\r\n");
    });
    TestGateway gateway(service.settings());
    EXPECT_EQ(gateway.ask(get()).body, "abcdef");
    const auto kept = gateway.ask(get());
    EXPECT_EQ(kept.body, "abcdef");
    EXPECT_EQ(kept.field("Content-Length"), "6");
    EXPECT_EQ(service.asked, 1);
}

TEST(ServeCache, AsksWhetherWhatIsStaleIsStillSo)
{
    Service service([](const Message& request, int number) {
        const bool same = request.field("If-None-Match") == "\"x\"" && number < 4;
        return same ? std::string("HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\nX-N: ") +
                          std::to_string(number) + "\r\n\r\n"
                    : reply(number, "Cache-Control: public, no-cache\r\nETag: \"x\"\r\n");
    });
    TestGateway gateway(service.settings());
    EXPECT_EQ(gateway.ask(get()).body, "1");
    const auto renewed = gateway.ask(get());
    EXPECT_EQ(renewed.status(), 200U);
    EXPECT_EQ(renewed.body, "1");
    EXPECT_EQ(renewed.field("X-N"), "2");
    EXPECT_EQ(renewed.field("Cache-Status"), "gatehouse; fwd=stale; fwd-status=304");
    EXPECT_EQ(gateway.ask(get("If-None-Match: \"x\"\r\n")).status(), 304U);
    EXPECT_EQ(gateway.ask(get()).body, "4") << "it has changed";
    EXPECT_EQ(gateway.sum_at(&Counters::cache_revalidated, 2U), 2U);
}

TEST(ServeCache, SendsWhatA304SaysIsNotToBeKeptAsOldAsThat304)
{
    Service service([](const Message& request, int number) {
        return !request.field("If-None-Match").empty()
                   ? std::string("HTTP/1.1 304 Not Modified\r\nCache-Control: no-store\r\n\r\n")
                   : reply(number, "Cache-Control: public, no-cache\r\nETag: \"x\"\r\n");
    });
    TestGateway gateway(service.settings());
    EXPECT_EQ(gateway.ask(get()).body, "1");
    const auto last = gateway.ask(get());
    EXPECT_EQ(last.body, "1");
    EXPECT_LT(std::stol(last.field("Age")), 60);
    EXPECT_EQ(gateway.ask(get()).body, "3") << "nothing is kept any more";
}

TEST(ServeCache, TakesNothingFromA304OfAnotherAnswer)
{
    // It looks at the time alone, and has become another within a second.
    Service service([](const Message& request, int number) {
        return !request.field("If-None-Match").empty()
                   ? std::string("HTTP/1.1 304 Not Modified\r\nETag: \"b\"\r\n\r\n")
                   : reply(number, fmt::format("Cache-Control: public, no-cache\r\nETag: {}\r\n",
                                               number == 1 ? "\"a\"" : "\"b\""));
    });
    TestGateway gateway(service.settings());
    EXPECT_EQ(gateway.ask(get()).body, "1");
    const auto as_it_was = gateway.ask(get());
    EXPECT_EQ(as_it_was.body, "1");
    EXPECT_EQ(as_it_was.field("ETag"), "\"a\"");
    const auto anew = gateway.ask(get());
    EXPECT_EQ(anew.body, "3");
    EXPECT_EQ(anew.field("ETag"), "\"b\"");
}

TEST(ServeCache, CountsAnewFromA304ThatHasNoDate)
{
    Service service([](const Message& request, int number) {
        return !request.field("If-None-Match").empty()
                   ? std::string("HTTP/1.1 304 Not Modified\r\n\r\n")
                   : reply(number, "Cache-Control: public, max-age=60\r\nETag: \"a\"\r\n"
                                   "Date: Fri, 24 Jul 2020 12:00:00 GMT\r\n");
    });
    TestGateway gateway(service.settings());
    for (int i = 0; i < 4; ++i) EXPECT_EQ(gateway.ask(get()).body, "1");
    EXPECT_EQ(service.asked, 2);
}

TEST(ServeCache, LetsAStaleAnswerStandIn)
{
    struct Case {
        const char* name;
        Service::Script second;
    };

    const Case cases[] = {
        {"an error",  saying("",         "503 Busy")                             },
        {"no answer", [](const Message&, int) { return std::string(); }          },
        {"garbage",   [](const Message&, int) { return std::string("what\r\n"); }},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        Service service([&](const Message& request, int number) {
            return number == 1 ? reply(1, "Cache-Control: public, max-age=0\r\n")
                               : c.second(request, number);
        });
        config::RouteCacheSettings cache;
        cache.stale_if_error = 60s;
        TestGateway gateway(service.settings(cache));
        EXPECT_EQ(gateway.ask(get()).body, "1");
        const auto stale = gateway.ask(get());
        EXPECT_EQ(stale.status(), 200U);
        EXPECT_EQ(stale.body, "1");
        EXPECT_EQ(gateway.sum_at(&Counters::cache_stale, 1U), 1U);
    }
}

TEST(ServeCache, ForgetsWhatMayHaveChanged)
{
    Service service(saying("Cache-Control: public, max-age=60\r\n"));
    auto settings = service.settings();
    settings.routes.front().methods = {"GET"};
    settings.routes.push_back(settings.routes.front());
    settings.routes.back().methods = {"POST"};
    settings.routes.back().cache.reset(); // the route that changes things keeps nothing itself
    TestGateway gateway(settings, 2);
    EXPECT_EQ(gateway.ask(get()).body, "1");
    EXPECT_EQ(gateway.ask(get({}, "/other")).body, "2");
    EXPECT_EQ(gateway.ask(get("Content-Length: 0\r\n", "/", "POST")).body, "3");
    EXPECT_EQ(gateway.ask(get()).body, "4");
    EXPECT_EQ(gateway.ask(get({}, "/other")).body, "2");
}

TEST(ServeCache, KeepsNothingUnderANameThatIsTooLong)
{
    Service service(saying("Cache-Control: public, max-age=60\r\n"));
    TestGateway gateway(service.settings());
    const auto asked = get("X-A: " + std::string(20'000, 'a') + "\r\n");
    EXPECT_EQ(gateway.ask(asked).body, "1");
    const auto again = gateway.ask(asked);
    EXPECT_EQ(again.body, "2");
    EXPECT_EQ(again.field("Cache-Status"), "gatehouse; fwd=bypass");
}

TEST(ServeCache, KeepsErrorsAsLongAsTheySay)
{
    Service missing(saying("Cache-Control: public, max-age=60\r\n", "404 Not Found"));
    TestGateway gateway(missing.settings());
    EXPECT_EQ(gateway.ask(get()).body, "1");
    EXPECT_EQ(gateway.ask(get()).body, "1");
    config::RouteCacheSettings usual;
    usual.fresh_for = 60s;
    Service silent(saying("", "404 Not Found"));
    TestGateway other(silent.settings(usual));
    EXPECT_EQ(other.ask(get()).body, "1");
    EXPECT_EQ(other.ask(get()).body, "2");
}

} // namespace
} // namespace gatehouse::gateway::test
