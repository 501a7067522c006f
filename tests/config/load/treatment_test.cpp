// What a route does to what passes: mistakes in it.
#include "config/load/load.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Loaded load_route(const std::string& route, const std::string& more = "")
{
    return load_text("listen: [{address: '127.0.0.1:80'}]\nregistration: closed\n" + more +
                         "\nroutes:\n  - {" + route + "}",
                     "g.yaml", {});
}

Loaded with_headers(const std::string& changes, const std::string& more = "")
{
    return load_route("match: /a/**, to: 'http://a:1', " + changes, more);
}

TEST(Treatment, IsReadAsWritten)
{
    const auto loaded = with_headers(
        "request_headers: {set: {X-Tenant: '{claim:sub}', Authorization: 'Basic abc'}, "
        "add: {X-Seen: '{client.address}'}, remove: [Cookie]}, "
        "response_headers: {set: {X-Request-Id: '{request.id}'}, remove: [Server, Set-Cookie]}, "
        "rewrite: '/v2/{rest}', security_headers: web",
        "security_headers: api");
    ASSERT_TRUE(loaded.ok()) << to_string(loaded.errors);
    EXPECT_THAT(loaded.warnings, IsEmpty()) << to_string(loaded.warnings);
    const auto& route = loaded.settings.routes.front();
    EXPECT_THAT(route.request_headers->set, ElementsAre(HeaderLine{"X-Tenant", "{claim:sub}"},
                                                        HeaderLine{"Authorization", "Basic abc"}));
    EXPECT_THAT(route.request_headers->remove, ElementsAre("Cookie"));
    EXPECT_EQ(route.rewrite, "/v2/{rest}");
    EXPECT_EQ(route.security_headers, SecurityHeaders::web);
    EXPECT_EQ(loaded.settings.security_headers, SecurityHeaders::api);
}

TEST(Treatment, KeepsOwnedNamesOut) // config.owned_headers
{
    const char* const in_requests[] = {
        "X-User-Id",
        "x_user_id",
        "X.User.Id",
        "X-Session-Id",
        "X-User-Roles",
        "X-Forwarded-For",
        "X_Forwarded_For",
        "X-Forwarded-Anything",
        "Forwarded",
        "X-Real-IP",
        "X-Request-Id",
        "Host",
        "Connection",
        "Content-Length",
        "content_length",
        "Transfer-Encoding",
        "TE",
        "Trailer",
        "Upgrade",
        "Keep-Alive",
        "Proxy-Authorization",
        "Proxy",
        "Expect",
        "Sec-WebSocket-Key",
        "HTTP2-Settings",
        "traceparent",
        "tracestate",
        "baggage",
        "X-Mine",
        "x_claimed",
        "X-Proof",
    };
    const std::string own = "identity: {header: X-Mine, headers: [{name: X-Claimed, claim: sub}], "
                            "signed: {header: X-Proof}}";
    const auto blame = [&](const std::string& side, const std::string& name, const auto& more) {
        for (const auto& change :
             {"set: {'" + name + "': a}", "add: {'" + name + "': a}", "remove: ['" + name + "']"}) {
            SCOPED_TRACE(side + " " + change);
            const auto loaded = with_headers(side + ": {" + change + "}", more);
            ASSERT_EQ(loaded.errors.size(), 1U) << to_string(loaded.errors);
            EXPECT_THAT(loaded.errors[0].key, HasSubstr("routes[0]." + side));
            EXPECT_THAT(loaded.errors[0].message, HasSubstr(name));
            EXPECT_GT(loaded.errors[0].place.line, 1U);
            EXPECT_FALSE(loaded.errors[0].hint.empty());
        }
    };
    for (const auto* name : in_requests) blame("request_headers", name, own);
    for (const auto* name : {"Connection", "Content-Length", "Transfer_Encoding", "Trailer", "Date",
                             "Content-Encoding", "Content-Range", "RateLimit", "Upgrade"}) {
        blame("response_headers", name, "");
    }
    blame("response_headers", "Strict-Transport-Security", "hsts: {max_age: 1h}");
    const auto cors = with_headers("cors: {origins: ['*']}, response_headers: {set: "
                                   "{Access-Control-Allow-Origin: '*'}}");
    EXPECT_THAT(to_string(cors.errors), HasSubstr("is written by `cors` already"));
    const auto cookie = with_headers("response_headers: {set: {Set-Cookie: a=b}}");
    EXPECT_THAT(to_string(cookie.errors), HasSubstr("how sessions are kept"));
}

struct Mistake {
    const char* name;
    std::string route;
    const char* key;
    const char* expected;
};

void expect_mistakes(std::span<const Mistake> mistakes)
{
    for (const auto& c : mistakes) {
        SCOPED_TRACE(c.name);
        const auto loaded = load_route(c.route);
        ASSERT_EQ(loaded.errors.size(), 1U) << to_string(loaded.errors);
        EXPECT_EQ(loaded.errors[0].key, c.key);
        EXPECT_THAT(loaded.errors[0].message, HasSubstr(c.expected));
    }
}

TEST(Treatment, SaysWhatIsWrongWithHeaders)
{
    const std::string to = "match: /a, to: 'http://a:1', request_headers: ";
    const Mistake mistakes[] = {
        {"a line end",        to + R"({set: {X-A: "a\r\nX-User-Id: root"}})",
         "routes[0].request_headers.set.X-A",                                                                      "printable ASCII"     },
        {"another alphabet",  to + "{set: {X-A: 'Zoë'}}",                     "routes[0].request_headers.set.X-A",
         "printable ASCII"                                                                                                               },
        {"a blank before",    to + "{add: {X-A: ' a'}}",                      "routes[0].request_headers.add.X-A",
         "no value"                                                                                                                      },
        {"nothing",           to + "{set: {X-A: ''}}",                        "routes[0].request_headers.set.X-A", "no value"            },
        {"no such name",      to + "{set: {X-A: '{user}'}}",                  "routes[0].request_headers.set.X-A",
         "nothing is called"                                                                                                             },
        {"a capture",         to + "{set: {X-A: '{rest}'}}",                  "routes[0].request_headers.set.X-A",
         "what a star matched"                                                                                                           },
        {"no header's name",  to + "{set: {'X A': a}}",                       "routes[0].request_headers.set.X A",
         "is not a header name"                                                                                                          },
        {"a line in a name",  to + R"({set: {"X-A\r\nB": a}})",
         "routes[0].request_headers.set.X-A\r\nB",                                                                 "is not a header name"},
        {"twice when folded", to + "{set: {X-A: a, x_a: b}}",                 "routes[0].request_headers.set.x_a",
         "stands here already"                                                                                                           },
        {"set and removed",   to + "{set: {X-A: a}, remove: [x-a]}",
         "routes[0].request_headers.remove[0]",                                                                    "stands here already" },
    };
    expect_mistakes(mistakes);
}

TEST(Treatment, SaysWhatIsWrongWithPaths)
{
    const std::string to = "match: '/a/*/**', to: 'http://a:1', ";
    const std::string on = "match: '/a/*/**', redirect: ";
    const Mistake mistakes[] = {
        {"no such star",       to + "rewrite: '/{2}'",                                          "routes[0].rewrite",         "has nothing for {2}"  },
        {"no rest",            "match: '/a/*', to: 'http://a:1', rewrite: '/{rest}'",           "routes[0].rewrite",
         "has nothing for {rest}"                                                                                                                   },
        {"two rewrites",       to + "strip_prefix: /a, rewrite: '/{rest}'",                     "routes[0].rewrite",
         "a `strip_prefix` already"                                                                                                                 },
        {"up",                 to + "rewrite: '/../{rest}'",                                    "routes[0].rewrite",         "dot segments"         },
        {"neither",            "match: /a",                                                     "routes[0].to",              "is missing"           },
        {"both",               to + "redirect: {to: /b}",                                       "routes[0].redirect",        "a `to` already"       },
        {"nowhere",            on + "{status: 301}",                                            "routes[0].redirect.to",     "is missing"           },
        {"no redirect status", on + "{to: /b, status: 200}",                                    "routes[0].redirect.status",
         "is not known here"                                                                                                                        },
        {"no such capture",    on + "{to: '/{3}'}",                                             "routes[0].redirect.to",     "has nothing for {3}"  },
        {"anybody's host",     on + "{to: 'https://{host}/'}",                                  "routes[0].redirect.to",
         "anybody can ask for any host"                                                                                                             }, // config.redirect_host
        {"a path as host",     on + "{to: 'https://{1}/'}",                                     "routes[0].redirect.to",     "may not choose"       },
        {"rewritten nowhere",  "match: '/a/**', redirect: {to: /b}, rewrite: '/{rest}'",
         "routes[0].rewrite",                                                                                                "asks no upstream"     },
        {"told to nobody",     "match: /a, redirect: {to: /b}, request_headers: {remove: [A]}",
         "routes[0].request_headers",                                                                                        "asks no upstream"     },
        {"nothing to report",  "match: /a, to: 'http://a:1', auth: none, report_only: true",
         "routes[0].report_only",                                                                                            "no token is looked at"},
    };
    expect_mistakes(mistakes);
    const auto named =
        load_route("match: /a, host: '*.example.com', redirect: {to: 'https://{host}/b'}");
    EXPECT_TRUE(named.ok()) << to_string(named.errors);
}

TEST(Treatment, WarnsOfWhatIsNeverSentAndOfOpenDoors)
{
    const auto claim = with_headers("request_headers: {set: {X-Plan: '{claim:org.plan}'}}");
    EXPECT_THAT(to_string(claim.warnings), HasSubstr("no access token has \"org.plan\""));
    const auto nobody = with_headers("auth: none, request_headers: {set: {X-A: '{user.id}'}}");
    EXPECT_THAT(to_string(nobody.warnings), HasSubstr("the header is never sent"));
    const auto no_key = with_headers("request_headers: {add: {X-A: 'id {certificate.serial}'}}");
    EXPECT_THAT(to_string(no_key.warnings), HasSubstr("nobody can show a certificate here"));
    const auto open = with_headers("report_only: true");
    EXPECT_THAT(to_string(open.warnings), HasSubstr("lets EVERYBODY pass"));
}

} // namespace
} // namespace gatehouse::config
