// Requests whose session is renewed on their way to the upstream.
#include "tests/gateway/support/raw_backend.hpp"
#include "tests/gateway/support/test_gateway.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <future>
#include <mutex>

namespace gatehouse::gateway::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

/// Renews for `ann`, and remembers what it was asked.
class FakeRenewer final : public SessionRenewer {
public:
    Task<Renewed> renew(const Renewal& renewal, const LocalRequest& request) override
    {
        {
            const std::scoped_lock lock(mutex_);
            asked_ += std::string(renewal.refresh_token) + (renewal.needs_proof ? "?" : "") + " " +
                      std::string(request.method) + " " + std::string(request.path) + " " +
                      std::string(request.client_address) + ";";
        }
        if (meanwhile) meanwhile();
        Renewed renewed;
        renewed.fields = {
            {"Set-Cookie", "access_token=new"}
        };
        if (refusal) {
            renewed.refusal = *refusal;
        } else {
            renewed.access_token = Secret(token());
        }
        co_return renewed;
    }

    [[nodiscard]] std::string asked()
    {
        const std::scoped_lock lock(mutex_);
        return std::exchange(asked_, {});
    }

    std::function<std::string()> token;
    std::function<void()> meanwhile;
    std::optional<Refusal> refusal;

private:
    std::mutex mutex_;
    std::string asked_;
};

config::Settings with_session_cookie(const std::string& upstream)
{
    auto settings = public_route_to(upstream);
    auto& pages = settings.routes.front();
    pages.auth = config::AuthMode::required;
    pages.session_cookie = true;
    auto admin = pages;
    admin.match = "/admin/**";
    admin.roles = {"admin"};
    auto guests = pages;
    guests.match = "/guests/**";
    guests.auth = config::AuthMode::optional;
    auto plain = pages;
    plain.match = "/plain/**";
    plain.session_cookie = false;
    settings.routes.insert(settings.routes.end(), {admin, guests, plain});
    settings.auth.session_cookies = true;
    return settings;
}

/// Hands every request on that arrives, answers each with `answer`.
class ServeRenewal : public testing::Test {
protected:
    // The backend's threads use these until it is gone.
    std::mutex mutex;
    std::vector<std::string> heads;
    std::string answer = ok("page");
    RawBackend backend{[this](RawSocket& socket, std::size_t) {
        for (;;) {
            const auto request = read_request(socket);
            if (!request.complete) return;
            const std::scoped_lock lock(mutex);
            heads.push_back(request.head + request.body);
            socket.send(answer);
        }
    }};
    std::shared_ptr<FakeRenewer> renewer = std::make_shared<FakeRenewer>();
    TestGateway gateway{with_session_cookie(backend.url()), 1, nullptr, renewer};

    ServeRenewal()
    {
        renewer->token = [this] { return gateway.token_for("ann"); };
    }

    [[nodiscard]] static std::string request(const std::string& line, const std::string& fields,
                                             const std::string& body = "")
    {
        return line + " HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n" + body;
    }

    [[nodiscard]] std::string seen()
    {
        const std::scoped_lock lock(mutex);
        if (heads.empty()) return "";
        EXPECT_EQ(heads.size(), 1U);
        auto head = heads.front();
        heads.clear();
        return head;
    }

    const std::string cookie = "Cookie: refresh_token=r; a=1\r\n";
};

TEST_F(ServeRenewal, GoesOnWithTheNewIdentityAndTheNewCookies)
{
    answer = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nCache-Control: public, max-age=60\r\n"
             "Expires: Thu, 01 Jan 2099 00:00:00 GMT\r\nSet-Cookie: own=1\r\n"
             "Set-Cookie: access_token=evil; Path=/\r\nset-cookie:  Refresh_Token = evil\r\n"
             "Set-Cookie: =csrf_token=evil\r\nSet-Cookie: access_tokens=2\r\n\r\npage";
    const auto got = gateway.ask(request("GET /x?q=1", cookie));
    EXPECT_EQ(got.status(), 200U);
    EXPECT_EQ(got.body, "page");
    EXPECT_THAT(got.head, HasSubstr("Set-Cookie: own=1\r\n"));
    EXPECT_THAT(got.head, HasSubstr("Set-Cookie: access_tokens=2\r\n"));
    EXPECT_THAT(got.head, HasSubstr("Set-Cookie: access_token=new\r\n"));
    EXPECT_THAT(got.head, Not(HasSubstr("evil"))) << "no upstream signs anybody in";
    EXPECT_EQ(got.field("Cache-Control"), "no-store");
    EXPECT_THAT(got.head, Not(HasSubstr("public")));
    EXPECT_FALSE(got.has_field("Expires"));
    EXPECT_EQ(renewer->asked(), "r GET /x 127.0.0.1;");
    const auto head = seen();
    EXPECT_THAT(head, HasSubstr("X-User-Id: ann\r\n"));
    EXPECT_THAT(head, HasSubstr("Cookie: a=1\r\n"));
    EXPECT_THAT(head, HasSubstr("GET /x?q=1 "));
}

TEST_F(ServeRenewal, LeavesGoodTokensAndOtherRoutesAlone)
{
    const auto good = "Cookie: refresh_token=r; access_token=" + gateway.token_for("bob") + "\r\n";
    const auto old =
        "Cookie: refresh_token=r; access_token=" + gateway.token_for("bob", -1s) + "\r\n";
    const auto bearer = "Authorization: Bearer " + gateway.token_for("eve") + "\r\n";
    const auto old_bearer = "Authorization: Bearer " + gateway.token_for("eve", -1s) + "\r\n";

    struct Case {
        const char* name;
        std::string line;
        std::string fields;
        unsigned status;
        bool renewed;
        std::string user;
    };

    const Case cases[] = {
        {"a good access token",      "GET /x",         good,                                                    200, false, "bob"},
        {"an expired one",           "GET /x",         old,                                                     200, true,  "ann"},
        {"none",                     "GET /x",         cookie,                                                  200, true,  "ann"},
        {"an empty one",             "GET /x",         cookie + "Cookie: access_token=\r\n",                    200, true,  "ann"},
        {"no refresh token",         "GET /x",         "",                                                      401, false, ""   },
        {"an empty refresh token",   "GET /x",         "Cookie: refresh_token=\r\n",                            401, false, ""   },
        {"two refresh tokens",       "GET /x",         cookie + "Cookie: refresh_token=s\r\n",                  401, false, ""   },
        {"a forged access token",    "GET /x",         cookie + "Cookie: access_token=x\r\n",                   401, false, ""   },
        {"a bearer beside it",       "GET /x",         cookie + bearer,                                         200, false, "eve"},
        {"an expired bearer",        "GET /x",         cookie + old_bearer,                                     401, false, ""   },
        {"a route without",          "GET /plain/x",   cookie,                                                  401, false, ""   },
        {"an optional route",        "GET /guests/x",  cookie,                                                  200, true,  "ann"},
        {"a guest",                  "GET /guests/x",  "",                                                      200, false, ""   },
        {"a page of nobody's",       "POST /x",        cookie + "Origin: http://evil\r\nContent-Length: 0\r\n",
         403,                                                                                                        false, ""   },
        {"a foreign form, optional", "POST /guests/x",
         cookie + "Sec-Fetch-Site: cross-site\r\nContent-Length: 0\r\n",                                        403, false, ""   },
        {"an own page",              "POST /x",        cookie + "Origin: http://a\r\nContent-Length: 0\r\n",    200, true,
         "ann"                                                                                                                   },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto got = gateway.ask(request(c.line, c.fields));
        EXPECT_EQ(got.status(), c.status);
        EXPECT_EQ(!renewer->asked().empty(), c.renewed);
        EXPECT_EQ(got.field("Set-Cookie"), c.renewed ? "access_token=new" : "");
        const auto head = seen();
        EXPECT_EQ(head.empty(), c.status != 200);
        if (!c.user.empty()) EXPECT_THAT(head, HasSubstr("X-User-Id: " + c.user + "\r\n"));
        if (c.user.empty()) EXPECT_THAT(head, Not(HasSubstr("X-User-Id")));
    }
}

TEST_F(ServeRenewal, WantsAProofWhereNobodySaysWhichPageAsks)
{
    (void)gateway.ask(request("POST /x", cookie + "Content-Length: 0\r\n"));
    EXPECT_EQ(renewer->asked(), "r? POST /x 127.0.0.1;");
    EXPECT_EQ(seen(), "") << "and the decision that follows wants it again";
    (void)gateway.ask(request("GET /x", cookie));
    EXPECT_EQ(renewer->asked(), "r GET /x 127.0.0.1;");
}

TEST_F(ServeRenewal, SendsTheCookiesWithEveryAnswer)
{
    struct Case {
        const char* line;
        std::string answer;
        unsigned status;
    };

    const Case cases[] = {
        {"GET /x",       "HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\n\r\n",                304},
        {"GET /x",       "HTTP/1.1 206 Partial Content\r\nContent-Length: 1\r\n\r\nx",      206},
        {"GET /x",       "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n",                  500},
        {"HEAD /x",      "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n",                   200},
        {"GET /x",       "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", 103},
        {"GET /x",       "nonsense\r\n\r\n",                                                502},
        {"GET /admin/x", "",                                                                403},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.answer);
        answer = c.answer;
        auto client = gateway.connect();
        client.send(request(c.line, cookie + "Connection: close\r\n"));
        const auto all = client.take_all();
        EXPECT_THAT(all, testing::StartsWith("HTTP/1.1 " + std::to_string(c.status)));
        const auto first = all.find("Set-Cookie: access_token=new\r\n");
        ASSERT_NE(first, std::string::npos) << all;
        EXPECT_EQ(all.find("Set-Cookie", first + 1), std::string::npos) << "once";
        EXPECT_THAT(all, HasSubstr("Cache-Control: no-store\r\n"));
        (void)seen();
    }
}

TEST_F(ServeRenewal, StreamsWhatTheUpstreamStreams)
{
    answer = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
             "Transfer-Encoding: chunked\r\n\r\n8\r\ndata: 1\n\r\n";
    auto client = gateway.connect();
    client.send(request("GET /events", cookie));
    EXPECT_THAT(client.take_through("\r\n\r\n"), HasSubstr("Set-Cookie: access_token=new\r\n"));
    EXPECT_THAT(client.take_through("data: 1\n"), HasSubstr("data: 1")) << "no end has come yet";
}

TEST_F(ServeRenewal, RefusesWithTheCookiesOfTheRenewer)
{
    renewer->refusal = Refusal(RefusalCode::token_revoked);
    auto client = gateway.connect();
    client.send(request("GET /x", cookie));
    auto got = read_response(client);
    EXPECT_EQ(got.status(), 401U);
    EXPECT_EQ(got.field("Set-Cookie"), "access_token=new");
    EXPECT_THAT(got.field("WWW-Authenticate"), HasSubstr("invalid_token"));
    EXPECT_EQ(seen(), "");
    // What one request was told goes to no other.
    client.send(request("GET /guests/x", ""));
    got = read_response(client);
    EXPECT_EQ(got.status(), 200U);
    EXPECT_FALSE(got.has_field("Set-Cookie"));
}

TEST_F(ServeRenewal, ClearsTheCookiesOfAnEndedSession)
{
    const auto token = gateway.token_for("bob");
    gateway.revocations.block("bob");
    const auto got = gateway.ask(request("GET /x", "Cookie: access_token=" + token + "\r\n"));
    EXPECT_EQ(got.status(), 401U);
    for (const auto* name : {"refresh_token", "access_token", "csrf_token"}) {
        EXPECT_THAT(got.head, HasSubstr(std::string("Set-Cookie: ") + name + "=; "));
    }
    const auto by_bearer =
        gateway.ask(request("GET /x", cookie + "Authorization: Bearer " + token + "\r\n"));
    EXPECT_EQ(by_bearer.status(), 401U);
    EXPECT_FALSE(by_bearer.has_field("Set-Cookie")) << "that was not their session";
}

TEST_F(ServeRenewal, ReadsNoBodyBeforeTheDecision)
{
    const auto post = request("POST /x", cookie + "Origin: http://a\r\nContent-Length: 5\r\n"
                                                  "Expect: 100-continue\r\n");
    renewer->refusal = Refusal(RefusalCode::token_revoked);
    auto refused = gateway.connect();
    refused.send(post);
    EXPECT_EQ(read_response(refused).status(), 401U) << "and no 100 before it";

    renewer->refusal.reset();
    auto admitted = gateway.connect();
    admitted.send(request("POST /x", cookie + "Origin: http://a\r\nContent-Length: 5\r\n"));
    admitted.send("hello");
    EXPECT_EQ(read_response(admitted).status(), 200U);
    EXPECT_THAT(seen(), testing::EndsWith("hello"));
}

TEST_F(ServeRenewal, KeepsPipelinedRequestsInOrder)
{
    auto client = gateway.connect();
    client.send(request("GET /1", cookie) + request("GET /plain/2", "") +
                request("GET /3", cookie));
    EXPECT_EQ(read_response(client).status(), 200U);
    EXPECT_EQ(read_response(client).status(), 401U);
    EXPECT_EQ(read_response(client).status(), 200U);
    EXPECT_EQ(renewer->asked(), "r GET /1 127.0.0.1;r GET /3 127.0.0.1;");
}

TEST_F(ServeRenewal, SurvivesARenewerThatThrows)
{
    renewer->meanwhile = [] { throw std::runtime_error("no memory"); };
    EXPECT_EQ(gateway.ask(request("GET /x", cookie)).status(), 503U);
}

} // namespace
} // namespace gatehouse::gateway::test
