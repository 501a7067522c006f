// Stale answers go out at once, and the gateway itself asks anew.
#include "tests/gateway/pipeline/cache_fixture.hpp"
#include "tests/gateway/support/raw_backend.hpp"
#include "tests/gateway/support/test_gateway.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <future>
#include <mutex>
#include <thread>

namespace gatehouse::gateway::test {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view stale_at_once =
    "Cache-Control: public, max-age=0, stale-while-revalidate=600\r\n";
constexpr std::string_view fresh = "Cache-Control: public, max-age=600\r\n";

/// Answers its first requests at once, all others when it is let.
class Upstream {
public:
    /// What it answers besides the number of the request.
    using Fields = std::function<std::string(const Message& request, int number)>;

    explicit Upstream(Fields fields, int at_once = 1)
        : fields_(std::move(fields)),
          at_once_(at_once)
    {
    }

    ~Upstream() { let_go(); }

    Upstream(const Upstream&) = delete;
    Upstream& operator=(const Upstream&) = delete;

    void let_go()
    {
        if (!let_.exchange(true)) go_.set_value();
    }

    [[nodiscard]] config::Settings settings() const
    {
        auto settings = public_route_to(backend_.url());
        settings.routes.front().cache.emplace();
        return settings;
    }

    /// From now on it answers when it is let.
    void hold() { at_once_ = asked_.load(); }

    [[nodiscard]] int asked() const { return asked_; }

    void wait_for(int requests) const
    {
        while (asked_ < requests) std::this_thread::yield();
    }

    [[nodiscard]] std::vector<std::string> heads()
    {
        const std::scoped_lock lock(mutex_);
        return heads_;
    }

private:
    void serve(RawSocket& socket)
    {
        for (;;) {
            const auto request = read_request(socket);
            if (!request.complete) return;
            {
                const std::scoped_lock lock(mutex_);
                heads_.push_back(request.head);
            }
            const int number = ++asked_;
            if (number > at_once_) {
                gone_.wait();
            }
            const auto fields = fields_(request, number);
            const auto status = fields.starts_with("HTTP/1.1") ? "" : "HTTP/1.1 200 OK\r\n";
            const auto body = fmt::format("{}", number);
            const bool bodiless = fields.starts_with("HTTP/1.1 304");
            socket.send(bodiless ? fields + "\r\n"
                                 : fmt::format("{}{}Content-Length: {}\r\n\r\n{}", status, fields,
                                               body.size(), body));
        }
    }

    const Fields fields_;
    std::atomic<int> at_once_;
    std::atomic<int> asked_{0};
    std::atomic<bool> let_{false};
    std::promise<void> go_;
    std::shared_future<void> gone_{go_.get_future()};
    std::mutex mutex_;
    std::vector<std::string> heads_;
    RawBackend backend_{[this](RawSocket& socket, std::size_t) { serve(socket); }};
};

/// Asks until the answer is that, which what runs in the background brings.
void wait_for_body(const TestGateway& gateway, const std::string& request, std::string_view body)
{
    const auto over = std::chrono::steady_clock::now() + 10s;
    std::string last;
    while (last != body && std::chrono::steady_clock::now() < over)
        last = gateway.ask(request).body;
    EXPECT_EQ(last, body);
}

TEST(ServeRevalidations, NobodyWaitsForWhatIsAskedAnew)
{
    Upstream upstream([](const Message&, int number) {
        return std::string(number == 1 ? stale_at_once : fresh) + "ETag: \"a\"\r\n";
    });
    TestGateway gateway(upstream.settings(), 2);
    EXPECT_EQ(gateway.ask(get()).body, "1");
    for (int i = 0; i < 10; ++i) EXPECT_EQ(gateway.ask(get()).body, "1");
    EXPECT_EQ(gateway.ask(get({}, "/", "HEAD")).field("Content-Length"), "1");
    EXPECT_EQ(gateway.ask(get("If-None-Match: \"a\"\r\n")).status(), 304U);
    EXPECT_EQ(gateway.ask(get("Cache-Control: only-if-cached\r\n")).body, "1");
    upstream.wait_for(2);
    upstream.let_go();
    wait_for_body(gateway, get(), "2");
    EXPECT_EQ(upstream.asked(), 2) << "one at a time";
    EXPECT_EQ(gateway.sum(&Counters::cache_revalidations), 1U);
}

TEST(ServeRevalidations, AskByWhatIsKeptAndNotByWhatTheClientHas)
{
    Upstream upstream([](const Message& request, int number) -> std::string {
        if (number == 1) return std::string(stale_at_once) + "ETag: \"kept\"\r\n";
        const bool same = request.field("If-None-Match") == "\"kept\"";
        return same ? fmt::format("HTTP/1.1 304 Not Modified\r\n{}ETag: \"kept\"\r\n", fresh)
                    : "HTTP/1.1 500 Wrong\r\n";
    });
    TestGateway gateway(upstream.settings());
    upstream.let_go();
    EXPECT_EQ(gateway.ask(get()).body, "1");
    EXPECT_EQ(gateway.ask(get("If-None-Match: \"mine\"\r\nIf-Modified-Since: x\r\n")).body, "1");
    upstream.wait_for(2);
    const auto over = std::chrono::steady_clock::now() + 10s;
    while (gateway.ask(get()).field("Cache-Status").find("hit; ttl=5") == std::string::npos &&
           std::chrono::steady_clock::now() < over) {
    }
    EXPECT_EQ(gateway.ask(get()).body, "1");
    EXPECT_EQ(upstream.asked(), 2);
}

TEST(ServeRevalidations, AskForAUserAsThatUserAndForNobodyElse)
{
    Upstream upstream(
        [](const Message&, int number) {
            return number <= 2
                       ? std::string("Cache-Control: max-age=0, stale-while-revalidate=600\r\n")
                       : std::string("Cache-Control: max-age=600\r\n");
        },
        2);
    auto settings = upstream.settings();
    settings.routes.front().auth = config::AuthMode::required;
    TestGateway gateway(settings);
    const auto of = [&](std::string_view user) {
        return get("Authorization: Bearer " + gateway.token_for(user) + "\r\n");
    };
    EXPECT_EQ(gateway.ask(of("ada")).body, "1");
    EXPECT_EQ(gateway.ask(of("eve")).body, "2");
    EXPECT_EQ(gateway.ask(of("ada")).body, "1");
    upstream.wait_for(3);
    upstream.let_go();
    wait_for_body(gateway, of("ada"), "3");
    EXPECT_NE(upstream.heads()[2].find("ada"), std::string::npos);
    EXPECT_EQ(gateway.ask(of("eve")).body, "2") << "her own, stale one";
    wait_for_body(gateway, of("eve"), "4");
    EXPECT_NE(upstream.heads()[3].find("eve"), std::string::npos);
    EXPECT_EQ(gateway.ask(of("ada")).body, "3");
}

TEST(ServeRevalidations, AskForNothingThatWouldBeAnotherAnswer)
{
    Upstream upstream([](const Message&, int) { return std::string(stale_at_once); });
    auto settings = upstream.settings();
    // A trusted peer names its requests alike; one of the gateway's own has a name of its own.
    settings.trusted_proxies = {"127.0.0.1"};
    settings.routes.front().request_headers.emplace().set = {
        {"X-Asked-As", "{request.id}"}
    };
    TestGateway gateway(settings);
    const auto asking = get("X-Request-Id: same\r\n");
    EXPECT_EQ(gateway.ask(asking).body, "1");
    for (int i = 0; i < 3; ++i) EXPECT_EQ(gateway.ask(asking).body, "1");
    EXPECT_EQ(gateway.sum(&Counters::cache_revalidations), 0U);
    EXPECT_EQ(upstream.asked(), 1);
}

TEST(ServeRevalidations, EndWithTheSessionOfWhomTheyAskFor)
{
    Upstream upstream([](const Message&, int) { return std::string(stale_at_once); });
    auto settings = upstream.settings();
    settings.routes.front().auth = config::AuthMode::required;
    TestGateway gateway(settings);
    const auto ada = get("Authorization: Bearer " + gateway.token_for("ada") + "\r\n");
    EXPECT_EQ(gateway.ask(ada).body, "1");
    EXPECT_EQ(gateway.ask(ada).body, "1");
    upstream.wait_for(2);
    gateway.revocations.block("ada");
    EXPECT_EQ(gateway.sum_at(&Counters::upstream_connections_open, 0U), 0U);
    EXPECT_EQ(gateway.ask(ada).status(), 401U);
}

TEST(ServeRevalidations, ForgetWhatIsNotSoAnyMore)
{
    struct Case {
        std::string says; // the upstream, then
        bool forgets = false;
    };

    const Case cases[] = {
        {"HTTP/1.1 200 OK\r\nCache-Control: no-store\r\n", true },
        {"HTTP/1.1 200 OK\r\nCache-Control: private\r\n",  true },
        {"HTTP/1.1 404 Not Found\r\n",                     true },
        {"HTTP/1.1 403 Forbidden\r\n",                     true },
        {"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\n",         true },
        {"HTTP/1.1 503 Sick\r\n",                          false},
        {"HTTP/1.1 429 Too Many\r\n",                      false},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.says);
        Upstream upstream([&c](const Message&, int number) {
            return number == 1 ? std::string(stale_at_once) : c.says;
        });
        TestGateway gateway(upstream.settings());
        upstream.let_go();
        EXPECT_EQ(gateway.ask(get()).body, "1");
        EXPECT_EQ(gateway.ask(get()).body, "1");
        upstream.wait_for(2);
        if (c.forgets) {
            const auto over = std::chrono::steady_clock::now() + 10s;
            while (gateway.ask(get()).body == "1" && std::chrono::steady_clock::now() < over) {
            }
            EXPECT_NE(gateway.ask(get()).body, "1");
        } else {
            const auto began = std::chrono::steady_clock::now();
            for (int i = 0; i < 20; ++i) EXPECT_EQ(gateway.ask(get()).body, "1");
            const auto took = std::chrono::steady_clock::now() - began;
            // Once a second, by a clock of whole ones.
            EXPECT_LE(upstream.asked(), 5 + std::chrono::ceil<std::chrono::seconds>(took).count());
        }
    }
}

TEST(ServeRevalidations, AreBoundedAndNobodyWaitsForAPlace)
{
    constexpr int paths = 40;
    Upstream upstream([](const Message&, int) { return std::string(stale_at_once); }, paths);
    TestGateway gateway(upstream.settings());
    for (int i = 0; i < paths; ++i) (void)gateway.ask(get({}, fmt::format("/{}", i)));
    for (int i = 0; i < paths; ++i) {
        EXPECT_EQ(gateway.ask(get({}, fmt::format("/{}", i))).body, std::to_string(i + 1));
    }
    EXPECT_EQ(gateway.sum_at(&Counters::cache_revalidations, 32U), 32U);
    upstream.wait_for(paths + 32);
}

TEST(ServeRevalidations, AreWhatADrainEndsFirst)
{
    Upstream upstream([](const Message&, int) { return std::string(stale_at_once); });
    TestGateway gateway(upstream.settings());
    (void)gateway.ask(get());
    EXPECT_EQ(gateway.ask(get()).body, "1");
    upstream.wait_for(2);
    gateway.worker().drain();
    const auto over = std::chrono::steady_clock::now() + 5s; // drain.timeout is longer
    while (!gateway.worker().has_ended() && std::chrono::steady_clock::now() < over)
        std::this_thread::yield();
    EXPECT_TRUE(gateway.worker().has_ended());
}

TEST(ServeRevalidations, HaveATimeOfTheirOwn)
{
    Upstream upstream([](const Message&, int) { return std::string(stale_at_once); }, 1000);
    auto settings = upstream.settings();
    settings.routes.front().timeout = 200ms;
    TestGateway gateway(settings);
    auto kept = gateway.ask(get());
    while (kept.status() != 200U) kept = gateway.ask(get()); // a machine that stops takes longer
    upstream.hold();
    const int before = upstream.asked();
    EXPECT_EQ(gateway.ask(get()).body, kept.body);
    upstream.wait_for(before + 1);
    EXPECT_EQ(gateway.sum_at(&Counters::upstream_connections_open, 0U), 0U);
    EXPECT_EQ(gateway.ask(get()).body, kept.body);
}

} // namespace
} // namespace gatehouse::gateway::test
