#include "config/load/load.hpp"
#include "gateway/command/explain.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace gatehouse::gateway {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr auto yaml = R"(
store: memory
auth: {contract: {login: {at: [POST /sign-in]}}}
routes:
  - {match: /public/**, auth: none, to: http://127.0.0.1:3000}
  - {match: /api/**, to: http://127.0.0.1:3001}
  - {match: /api/v2/*, methods: [POST], host: api.example.com, auth: optional, to: http://127.0.0.1:3002, strip_prefix: /api}
)";

std::string explain_by(const char* settings, const std::string& request,
                       const std::string& host = "localhost", const std::string& token = "",
                       int expected = exit_ok)
{
    auto loaded = config::load_text(settings, "g.yaml", {});
    EXPECT_TRUE(loaded.ok()) << to_string(loaded.errors);
    Arguments arguments;
    arguments.command = CommandName::explain;
    arguments.request = request;
    arguments.host = host;
    arguments.token = token;
    std::istringstream in;
    std::ostringstream out;
    Console console{in, out, out};
    EXPECT_EQ(run_explain(arguments, loaded.settings, console), expected);
    return out.str();
}

std::string explain(const std::string& request, const std::string& host = "localhost",
                    const std::string& token = "", int expected = exit_ok)
{
    return explain_by(yaml, request, host, token, expected);
}

TEST(Explain, ShowsRouteDecisionAndTheHeadersOfTheUpstream)
{
    const auto text = explain("GET /x/../public//a?b=%2e");
    EXPECT_THAT(text, HasSubstr("path:     /public/a\n"));
    EXPECT_THAT(text, HasSubstr("route:    routes[0] /public/** (auth: none)"));
    EXPECT_THAT(text, HasSubstr("decision: forwarded\n"));
    EXPECT_THAT(text, HasSubstr("\n  GET /public/a?b=%2e HTTP/1.1\n"));
    EXPECT_THAT(text, HasSubstr("\n  Host: localhost\n"));
    EXPECT_THAT(text, Not(HasSubstr("X-User-Id")));
}

TEST(Explain, ShowsForWhomThePeerSpeaks)
{
    struct Case {
        const char* name;
        const char* settings;
        const char* peer;
        std::vector<std::string> fields;
        const char* expected;
    };

    constexpr auto rfc =
        "{store: memory, trusted_proxies: [10.0.0.0/8], client_address: forwarded}";
    constexpr auto usual = "{store: memory, trusted_proxies: [10.0.0.0/8]}";
    const Case cases[] = {
        {"nobody",
         usual, "192.0.2.1",
         {},
         "peer:     192.0.2.1, not trusted\n"
         "client:   192.0.2.1 by http: the peer is not in trusted_proxies\n"                     },
        {"not to be heard",
         usual, "192.0.2.1",
         {"X-Forwarded-For: 203.0.113.5"},
         "client:   192.0.2.1 by http: the peer is not in trusted_proxies: the client it names "
         "does not count\n"                                                                      },
        {"silent",
         usual, "10.0.0.1",
         {},
         "peer:     10.0.0.1, trusted\n"
         "client:   10.0.0.1 by http: the peer is trusted, and has no X-Forwarded-For\n"         },
        {"a client",
         usual, "10.0.0.1",
         {"X-Forwarded-For: 203.0.113.5", "X-Forwarded-Proto: https"},
         "client:   203.0.113.5 by https: named in X-Forwarded-For, the first from its end who is "
         "not trusted\n"                                                                         },
        {"proxies alone",
         usual, "10.0.0.1",
         {"X-Forwarded-For: 10.0.0.9"},
         "client:   10.0.0.9 by http: named in X-Forwarded-For, by trusted proxies alone\n"      },
        {"nonsense",
         usual, "10.0.0.1",
         {"X-Forwarded-For: me"},
         "client:   10.0.0.1 by http: what X-Forwarded-For says before it is no address\n"       },
        {"hidden",
         rfc,   "10.0.0.1",
         {"Forwarded: for=_x;proto=https"},
         "client:   10.0.0.1 by https: the last trusted one in Forwarded, which hides its client"},
        {"another header",
         rfc,   "10.0.0.1",
         {"X-Forwarded-For: 203.0.113.5"},
         "client:   10.0.0.1 by http: the peer is trusted, and has no Forwarded\n"               },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        auto loaded = config::load_text(c.settings, "g.yaml", {});
        ASSERT_TRUE(loaded.ok()) << to_string(loaded.errors);
        Arguments arguments;
        arguments.request = "GET /";
        arguments.peer = c.peer;
        arguments.fields = c.fields;
        std::istringstream in;
        std::ostringstream out;
        Console console{in, out, out};
        EXPECT_EQ(run_explain(arguments, loaded.settings, console), exit_ok);
        EXPECT_THAT(out.str(), HasSubstr(c.expected));
    }
}

TEST(Explain, ShowsTheIdThatATrustedPeerGaveTheRequest)
{
    const auto shown_for = [](const char* peer) {
        auto loaded = config::load_text(
            R"({store: memory, trusted_proxies: [10.0.0.0/8],
                routes: [{match: /**, auth: none, to: "http://127.0.0.1:3000"}]})",
            "g.yaml", {});
        EXPECT_TRUE(loaded.ok()) << to_string(loaded.errors);
        Arguments arguments;
        arguments.command = CommandName::explain;
        arguments.request = "GET /a";
        arguments.host = "localhost";
        arguments.peer = peer;
        arguments.fields = {"X-Request-Id: of-the-balancer"};
        std::istringstream in;
        std::ostringstream out;
        Console console{in, out, out};
        EXPECT_EQ(run_explain(arguments, loaded.settings, console), exit_ok);
        return out.str();
    };
    EXPECT_THAT(shown_for("10.0.0.1"), HasSubstr("\n  X-Request-Id: of-the-balancer\n"));
    EXPECT_THAT(shown_for("192.0.2.1"), Not(HasSubstr("of-the-balancer")));
}

// Its own origin begins with https, which the proxy alone can tell.
TEST(Explain, TakesAPageBehindAProxyOfTlsForItsOwn)
{
    auto loaded = config::load_text(
        "{store: memory, trusted_proxies: [10.0.0.0/8], "
        "routes: [{match: /**, to: 'http://127.0.0.1:3000', session_cookie: true}]}",
        "g.yaml", {});
    ASSERT_TRUE(loaded.ok()) << to_string(loaded.errors);
    for (const auto& [scheme, expected] : {
             std::pair{"https", "401 token_missing"   },
             std::pair{"http",  "403 origin_forbidden"}
    }) {
        Arguments arguments;
        arguments.request = "POST /orders";
        arguments.host = "shop.example";
        arguments.peer = "10.0.0.1";
        arguments.fields = {"Origin: https://shop.example", "Cookie: refresh_token=x",
                            std::string("X-Forwarded-Proto: ") + scheme};
        std::istringstream in;
        std::ostringstream out;
        Console console{in, out, out};
        EXPECT_EQ(run_explain(arguments, loaded.settings, console), exit_ok);
        EXPECT_THAT(out.str(), HasSubstr(expected));
    }
}

TEST(Explain, ShowsWhatTheGatewayAnswersItself)
{
    EXPECT_THAT(explain("POST /auth/x"), HasSubstr("reason:   the auth API lives at /auth\n"));
    EXPECT_THAT(explain("POST /sign-in"), HasSubstr("reason:   auth.contract has a call here\n"));
    EXPECT_THAT(explain("POST /sign-in/x"), Not(HasSubstr("Gatehouse itself")));
}

TEST(Explain, ShowsWhyARequestIsRefused)
{
    struct Case {
        const char* name;
        const char* request;
        const char* token;
        const char* expected;
    };

    const Case cases[] = {
        {"no token",            "GET /api/x",        "",    "401 token_missing"},
        {"a method left out",   "/api/x",            "",    "401 token_missing"},
        {"a bad token",         "GET /api/x",        "abc", "401 token_invalid"},
        {"no route",            "GET /other",        "",    "401 token_missing"},
        {"above the root",      "GET /../x",         "",    "400 bad_request"  },
        {"an encoded slash",    "GET /public/a%2fb", "",    "400 bad_request"  },
        {"no such method",      "CONNECT a:1",       "",    "refused with"     },
        {"a blank in the path", "GET /public/a b",   "",    "400 bad_request"  },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto text = explain(c.request, "localhost", c.token);
        EXPECT_THAT(text, HasSubstr(c.expected));
        EXPECT_THAT(text, Not(HasSubstr("what the upstream would get")));
    }
}

TEST(Explain, TakesNoControlCharacters)
{
    const std::string smuggled = "\r\nX-User-Id: 1";
    EXPECT_THAT(explain("GET /public HTTP/1.1" + smuggled, "h", "", exit_usage),
                HasSubstr("control"));
    EXPECT_THAT(explain("GET /public", "h" + smuggled, "", exit_usage), HasSubstr("control"));
    EXPECT_THAT(explain("GET /public", "h", "t" + smuggled, exit_usage), HasSubstr("control"));
}

TEST(Explain, TakesAnAddressAloneForThePeer)
{
    const auto loaded = config::load_text(yaml, "g.yaml", {});
    for (const char* peer : {"localhost", "10.0.0.0/8", "127.0.0.1:80", "10.0.0.300", ""}) {
        Arguments arguments;
        arguments.request = "/public/a";
        arguments.peer = peer;
        std::istringstream in;
        std::ostringstream out;
        Console console{in, out, out};
        EXPECT_EQ(run_explain(arguments, loaded.settings, console), exit_usage) << peer;
        EXPECT_THAT(out.str(), HasSubstr("is not an address\n  hint: "));
    }
}

TEST(Explain, ChoosesByHostAndMethod)
{
    const auto text = explain("POST /api/v2/x", "API.example.com:443");
    EXPECT_THAT(text, HasSubstr("routes[2]"));
    EXPECT_THAT(text, HasSubstr("needs no token"));
    EXPECT_THAT(text, HasSubstr("\n  POST /v2/x HTTP/1.1\n"));
    EXPECT_THAT(explain("POST /api/v2/x"), HasSubstr("routes[1]"));
}

TEST(Explain, SaysAllThatARouteAsksFor)
{
    constexpr auto guarded = R"(
store: memory
routes:
  - {match: /a, to: http://127.0.0.1:1, auth: {roles: [clerk, boss], scopes: [a.read]}, max_auth_age: 10m}
  - {match: /b, to: http://127.0.0.1:1, auth: {require: [totp], claims: {org.id: [acme, umbrella]}}}
)";
    EXPECT_THAT(
        explain_by(guarded, "GET /a"),
        HasSubstr(
            "(auth: required, roles: [clerk, boss], scopes: [a.read], max_auth_age: 10m) ->"));
    EXPECT_THAT(explain_by(guarded, "GET /b"),
                HasSubstr("(auth: required, require: [totp], org.id: [acme, umbrella]) ->"));
}

TEST(Explain, SaysWhereBrowsersAreSent)
{
    constexpr auto pages = R"(
store: memory
portal: true
routes:
  - {match: /api/**, to: http://127.0.0.1:3001}
  - {match: /**, to: http://127.0.0.1:3000, session_cookie: true, login: redirect}
)";
    const auto sent = HasSubstr("browsers: sent to /auth/portal/sign-in?return_to=/orders%3Fa\n");
    EXPECT_THAT(explain_by(pages, "GET /orders?a"), sent);
    EXPECT_THAT(explain_by(pages, "GET /orders?a"), HasSubstr("refused with 401 token_missing"));
    EXPECT_THAT(explain_by(pages, "POST /orders?a"), Not(sent));
    EXPECT_THAT(explain_by(pages, "GET /orders?a", "localhost", "x"), Not(HasSubstr("browsers:")));
    EXPECT_THAT(explain_by(pages, "GET /api/x"), Not(HasSubstr("browsers:")));
}

TEST(Explain, KnowsWhatGatehouseAnswersItself)
{
    EXPECT_THAT(explain("POST /public/../auth/login"), HasSubstr("answered by Gatehouse itself"));
    EXPECT_THAT(explain("GET /.well-known/jwks.json"), HasSubstr("the public keys"));
}

} // namespace
} // namespace gatehouse::gateway
