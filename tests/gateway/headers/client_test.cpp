#include "gateway/headers/client.hpp"
#include "tests/gateway/support/heads.hpp"

#include <gtest/gtest.h>

namespace gatehouse::gateway {
namespace {

TEST(ClientOf, BelievesOnlyTrustedPeersAndOnlyAsFarAsTheyVouch) // R24, R53
{
    config::Settings settings;
    settings.trusted_proxies = {"10.0.0.0/8", "2001:db8::/32"};
    const ClientRules rules{settings};

    struct Case {
        const char* name;
        std::string_view peer;
        std::vector<Field> fields;
        std::string_view address;
        bool secure;
    };

    const Case cases[] = {
        {"a stranger's word",
         "203.0.113.5",                                 {{"X-Forwarded-For", "1.1.1.1"}, {"X-Forwarded-Proto", "https"}},
         "203.0.113.5",                                                                                                                                   false},
        {"no word",                      "10.0.0.1",    {},                                                                                "10.0.0.1",    false},
        {"one proxy",
         "10.0.0.1",                                    {{"x-forwarded-for", "203.0.113.5"}, {"X-Forwarded-Proto", "HTTPS"}},
         "203.0.113.5",                                                                                                                                   true },
        {"what the client wrote before",
         "10.0.0.1",                                    {{"X-Forwarded-For", "1.1.1.1, 203.0.113.5"}},
         "203.0.113.5",                                                                                                                                   false},
        {"two proxies",
         "10.0.0.1",                                    {{"X-Forwarded-For", "1.1.1.1, 203.0.113.5 , 10.0.0.2"}},
         "203.0.113.5",                                                                                                                                   false},
        {"two lines",
         "10.0.0.1",                                    {{"X-Forwarded-For", "203.0.113.5"}, {"A", "1"}, {"X-Forwarded-For", "10.0.0.2"}},
         "203.0.113.5",                                                                                                                                   false},
        {"only proxies",
         "10.0.0.1",                                    {{"X-Forwarded-For", "10.0.0.3, 10.0.0.2"}},
         "10.0.0.3",                                                                                                                                      false},
        {"nonsense stops belief",
         "10.0.0.1",                                    {{"X-Forwarded-For", "1.1.1.1, unknown, 10.0.0.2"}},
         "10.0.0.2",                                                                                                                                      false},
        {"a port",                       "10.0.0.1",    {{"X-Forwarded-For", "203.0.113.5:4711"}},                                         "203.0.113.5", false},
        {"IPv6 with a port",
         "2001:db8::5",                                 {{"X-Forwarded-For", "[2600::1]:80"}},
         "2600::1",                                                                                                                                       false},
        {"IPv6",                         "2001:db8::5", {{"X-Forwarded-For", "2600::1,"}},                                                 "2600::1",     false},
        {"another spelling",
         "10.0.0.1",                                    {{"X_Forwarded_For", "1.1.1.1"}, {"X-Forwarded-Proto", "ftp"}},
         "10.0.0.1",                                                                                                                                      false},
        {"an open bracket",              "10.0.0.1",    {{"X-Forwarded-For", "[2600::1"}},                                                 "10.0.0.1",    false},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto head = test::request("GET", "/", c.fields);
        const Peer peer{c.peer, rules.trusted.contains(c.peer), false};
        const auto client = client_of(head, peer, rules);
        EXPECT_EQ(client.address, c.address);
        EXPECT_EQ(client.secure, c.secure);
    }
    EXPECT_TRUE(client_of(test::request("GET", "/"), {"1.1.1.1", false, true}, rules).secure);
}

/// Who asked for what, "address scheme host": of a request that 10.0.0.1 passed on.
std::string told(const config::Settings& settings, std::vector<Field> fields)
{
    const ClientRules rules{settings};
    const Peer peer{"10.0.0.1", true, false};
    const auto head = test::request("GET", "/", std::move(fields));
    const auto way = believed_way(head, peer, rules);
    return std::string(way.client(peer)) + (way.is_secure(peer) ? " https " : " http ") +
           std::string(way.host);
}

TEST(BelievedWay, TakesSchemeAndHostFromTheHopThatItEndsAt)
{
    struct Case {
        const char* name;
        std::vector<Field> fields;
        std::string_view expected;
    };

    const Case cases[] = {
        {"one of each",
         {{"X-Forwarded-For", "203.0.113.5"},
          {"X-Forwarded-Proto", "https"},
          {"X-Forwarded-Host", "a.example"}},
         "203.0.113.5 https a.example"                                                                         },
        {"written by the first of two and passed on",
         {{"X-Forwarded-For", "203.0.113.5, 10.0.0.2"},
          {"X-Forwarded-Proto", "https"},
          {"X-Forwarded-Host", "a:8443"}},
         "203.0.113.5 https a:8443"                                                                            },
        {"written by both of two",
         {{"X-Forwarded-For", "203.0.113.5, 10.0.0.2"},
          {"X-Forwarded-Proto", "https, http"},
          {"X-Forwarded-Host", "a.example, b.example"}},
         "203.0.113.5 https a.example"                                                                         },
        {"what the client wrote before",
         {{"X-Forwarded-For", "1.1.1.1, 203.0.113.5"},
          {"X-Forwarded-Proto", "https, http"},
          {"X-Forwarded-Host", "evil.example, a.example"}},
         "203.0.113.5 http a.example"                                                                          },
        {"the same over several lines",
         {{"X-Forwarded-For", "1.1.1.1"},
          {"X-Forwarded-Proto", "https"},
          {"X-Forwarded-For", "203.0.113.5"},
          {"X-Forwarded-Proto", "http"},
          {"X-Forwarded-Host", "evil.example"},
          {"x-forwarded-host", "a.example"}},
         "203.0.113.5 http a.example"                                                                          },
        {"no client, but a scheme",                   {{"X-Forwarded-Proto", "http, https"}}, "10.0.0.1 https "},
        {"a WebSocket",                               {{"X-Forwarded-Proto", "wss"}},         "10.0.0.1 https "},
        {"no scheme",                                 {{"X-Forwarded-Proto", "gopher"}},      "10.0.0.1 http " },
        {"no host",                                   {{"X-Forwarded-Host", "a/b"}},          "10.0.0.1 http " },
        {"an unreadable one",
         {{"X-Forwarded-For", "203.0.113.5, unknown"}, {"X-Forwarded-Proto", "http, https"}},
         "10.0.0.1 https "                                                                                     },
        {"the other family",
         {{"Forwarded", "for=203.0.113.5;proto=https;host=a.example"}},
         "10.0.0.1 http "                                                                                      },
    };
    config::Settings settings;
    settings.trusted_proxies = {"10.0.0.0/8"};
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        EXPECT_EQ(told(settings, c.fields), c.expected);
    }
}

TEST(BelievedWay, MayStandInForwarded)
{
    struct Case {
        const char* name;
        std::vector<Field> fields;
        std::string_view expected;
    };

    const Case cases[] = {
        {"nothing",                                               {},                                                 "10.0.0.1 http "   },
        {"one hop",
         {{"Forwarded", "for=203.0.113.5;proto=https;host=a.example"}},
         "203.0.113.5 https a.example"                                                                                                   },
        {"two hops",
         {{"forwarded",
           "for=203.0.113.5;proto=https;host=a.example, for=10.0.0.2;proto=http;host=b.example"}},
         "203.0.113.5 https a.example"                                                                                                   },
        {"what the client wrote before",
         {{"Forwarded",
           "for=1.1.1.1;proto=https;host=evil.example, for=203.0.113.5;proto=http;host=a.example"}},
         "203.0.113.5 http a.example"                                                                                                    },
        {"two lines",
         {{"Forwarded", "for=203.0.113.5;proto=https"}, {"Forwarded", "for=10.0.0.2;proto=http"}},
         "203.0.113.5 https "                                                                                                            },
        {"a client's line that is none",
         {{"Forwarded", "for=\"1.1.1.1"}, {"Forwarded", "for=203.0.113.5;proto=https"}},
         "203.0.113.5 https "                                                                                                            },
        {"quotes of the client's that swallow the proxy's words",
         {{"Forwarded", "for=\"1.1.1.1, for=203.0.113.5;proto=https"}},
         "10.0.0.1 http "                                                                                                                },
        {"a line that is none behind a hop",
         {{"Forwarded", "for=;"}, {"Forwarded", "for=10.0.0.2"}},
         "10.0.0.2 http "                                                                                                                },
        {"a hidden client",                                       {{"Forwarded", "for=1.1.1.1, for=_x;proto=https"}}, "10.0.0.1 https "  },
        {"an unknown client",
         {{"Forwarded", "for=1.1.1.1, for=unknown, for=10.0.0.2"}},
         "10.0.0.2 http "                                                                                                                },
        {"no host",                                               {{"Forwarded", "for=203.0.113.5;host=\"a b\""}},    "203.0.113.5 http "},
        {"the other family",
         {{"X-Forwarded-For", "203.0.113.5"},
          {"X-Forwarded-Proto", "https"},
          {"X-Forwarded-Host", "a.example"}},
         "10.0.0.1 http "                                                                                                                },
    };
    config::Settings settings;
    settings.trusted_proxies = {"10.0.0.0/8"};
    settings.client_address = config::ClientAddress::forwarded;
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        EXPECT_EQ(told(settings, c.fields), c.expected);
    }
}

TEST(BelievedWay, HasAnEnd)
{
    config::Settings settings;
    settings.trusted_proxies = {"10.0.0.0/8"};
    std::string all = "10.0.0.9";
    for (int i = 0; i < 100; ++i) all += ", 10.0.0.2";
    EXPECT_EQ(told(settings,
                   {
                       {"X-Forwarded-For", all}
    }),
              "10.0.0.2 http ");
}

} // namespace
} // namespace gatehouse::gateway
