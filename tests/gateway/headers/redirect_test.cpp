#include "gateway/headers/redirect.hpp"

#include <gtest/gtest.h>

namespace gatehouse::gateway {
namespace {

struct Case {
    const char* to;
    RedirectFacts facts;
    std::optional<std::string> expected;
};

std::optional<std::string> location(const Case& c)
{
    config::RouteSettings route;
    route.match = "/old/**";
    route.redirect.emplace().to = c.to;
    return Redirect(route).location(c.facts);
}

TEST(Redirect, LeadsWhereItSays)
{
    const Case cases[] = {
        {"/new/{rest}",                  {"h", "/old/a/b", "?q=1"},        "/new/a/b"                   },
        {"/new/{rest}?{query}",          {"h", "/old/a", "?q=1&x=%2f"},    "/new/a?q=1&x=%2f"           },
        {"/new/{rest}?{query}",          {"h", "/old/a", ""},              "/new/a"                     },
        {"/new?from=old&{query}",        {"h", "/old", ""},                "/new?from=old&"             },
        {"https://b.example{path}",      {"evil", "/old/%40a", ""},        "https://b.example/old/%40a" },
        {"https://b.example",            {"evil", "/old/a", "?x"},         "https://b.example/"         },
        {"https://{host}{path}?{query}",
         {"api.example:81", "/old/a", "?x"},
         "https://api.example/old/a?x"                                                                  },
        {"https://{host}:8443/",         {"[2001:db8::1]:80", "/old", ""}, "https://[2001:db8::1]:8443/"},
        {"/{rest}",                      {"h", "/old/evil.example/a", ""}, "/evil.example/a"            },
        {"/{rest}",                      {"h", "/old", ""},                "/"                          },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(std::string(c.to) + " of " + std::string(c.facts.path));
        EXPECT_EQ(location(c), c.expected);
    }
}

TEST(Redirect, LetsNobodyWriteTheHostOrTheHead)
{
    const Case cases[] = {
        {"https://{host}/", {"a/evil", "/old", ""},         std::nullopt     }, // redirect.host_text
        {"https://{host}/", {"a@evil.example", "/old", ""}, std::nullopt     },
        {"https://{host}/", {"", "/old", ""},               std::nullopt     },
        {"/..{rest}",       {"h", "/old", ""},              std::nullopt     }, // what the template makes of it
        {"/a?{query}",
         {"h", "/old", "?\r\nSet-Cookie: a"},
         "/a?%0D%0ASet-Cookie:%20a"                                          }, // redirect.query_text
        {"/a?{query}",      {"h", "/old", "?\xc3\xab#\\"},  "/a?%C3%AB%23%5C"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.to);
        EXPECT_EQ(location(c), c.expected);
    }
}

} // namespace
} // namespace gatehouse::gateway
