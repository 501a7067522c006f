#include "config/diagnostics/nearest.hpp"
#include "config/diagnostics/source_text.hpp"
#include "config/forms/address.hpp"

#include <gtest/gtest.h>

namespace gatehouse::config {
namespace {

TEST(SourceText, CountsLinesAndCharactersFromOne)
{
    const SourceText text{"ab\nc\xC3\xA9"
                          "d\r\n\n"};
    EXPECT_EQ(text.place_of(0), (Place{1, 1}));
    EXPECT_EQ(text.place_of(2), (Place{1, 3}));
    EXPECT_EQ(text.place_of(3), (Place{2, 1}));
    EXPECT_EQ(text.place_of(6), (Place{2, 3})); // é is one character of two bytes
    EXPECT_EQ(text.place_of(99), (Place{4, 1}));
}

TEST(SourceText, PutsTheCaretBelowTheCharacter)
{
    const SourceText text{"a: \xC3\xA9\tx\r\nb"};
    EXPECT_EQ(text.excerpt({1, 6}), "    a: \xC3\xA9 x\n         ^\n");
    EXPECT_EQ(text.excerpt({2, 2}), "    b\n     ^\n");
    EXPECT_EQ(text.excerpt({3, 1}), "");
}

TEST(SourceText, ShowsTheNeighbourhoodInALongLine)
{
    const std::string line = std::string(500, '.') + "X" + std::string(500, '.');
    const auto excerpt = SourceText{line}.excerpt({1, 501});
    const auto caret = excerpt.find('^') - excerpt.find('\n') - 1;
    EXPECT_EQ(excerpt[caret], 'X');
    EXPECT_LT(excerpt.size(), 210U);
}

TEST(SourceText, ShowsNoPasswordOfAUrl)
{
    struct Case {
        const char* line;
        const char* shown;
    };

    const Case cases[] = {
        {"store: postgresql://gh:hunter2@db/gatehouse",
         "store: postgresql://gh:*******@db/gatehouse"                                         },
        {"{a: 'redis://:p\xC3\xA9@\"ss@db', b: c}",     "{a: 'redis://:******@db', b: c}"      },
        {"a: pg://db?sslpassword=x&password=yy'",       "a: pg://db?sslpassword=*&password=**'"},
        {"a: http://web:3000 # me@home",                "a: http://web:3000 # me@home"         },
        {"[http://a:1@b, smtp://c:2@d]",                "[http://a:*@b, smtp://c:*@d]"         },
    };
    for (const auto& c : cases) {
        EXPECT_EQ(SourceText{c.line}.excerpt({1, 1}), "    " + std::string(c.shown) + "\n    ^\n");
    }
}

TEST(Nearest, FindsWhatWasProbablyMeant)
{
    constexpr std::string_view names[] = {"access_ttl", "refresh_ttl", "issuer", "to", "host"};
    EXPECT_EQ(nearest("acces_ttl", names), "access_ttl");
    EXPECT_EQ(nearest("Issuer", names), "issuer");
    EXPECT_EQ(nearest("isuser", names), "issuer"); // a swap is one mistake
    EXPECT_EQ(nearest("ot", names), "to");
    EXPECT_EQ(nearest("elephants", names), "");
    EXPECT_EQ(nearest(std::string(100'000, 'a'), names), "");
    EXPECT_EQ(nearest_hint("zzzz", names), "known here: access_ttl, refresh_ttl, issuer, to, host");
}

TEST(Address, ReadsNetworksOfBothFamilies)
{
    EXPECT_EQ(parse_network("10.0.0.0/8")->prefix_length, 104U);
    EXPECT_EQ(parse_network("10.0.0.1")->prefix_length, 128U);
    EXPECT_EQ(parse_network("::ffff:10.0.0.0/104"), parse_network("10.0.0.0/8"));
    EXPECT_EQ(parse_network("0.0.0.0/0")->prefix_length, 96U);
    for (const auto* text : {"", "10.0.0.0/", "10.0.0.0/08", "10.0.0.0/-1", "10.0.0/8", "::/129",
                             "fe80::1/64", "10.0.0.0/8/8", "localhost", "10.0.0.0 /8"}) {
        EXPECT_FALSE(parse_network(text)) << text;
    }
}

TEST(Address, ReadsListenersAndEndpoints)
{
    EXPECT_EQ(parse_listen_address("[::]:0"), (HostPort{"::", 0}));
    EXPECT_EQ(parse_listen_address("localhost:80"), (HostPort{"127.0.0.1", 80}));
    for (const auto* text :
         {":80", "::1:80", "[127.0.0.1]:80", "127.0.0.1", "127.0.0.1:080", "a:1"}) {
        EXPECT_FALSE(parse_listen_address(text)) << text;
    }
    EXPECT_EQ(parse_endpoint("http://web"), (HostPort{"web", 80}));
    EXPECT_EQ(parse_endpoint("http://[::1]"), (HostPort{"::1", 80}));
    EXPECT_EQ(parse_endpoint("http://[::1]:3000"), (HostPort{"::1", 3000}));
    for (const auto* text : {"http://", "http://:80", "http://a:", "http://a b", "http://1.2.3",
                             "http://a?x", "HTTP://a", "http://a..b", "http://[a]", "ftp://a"}) {
        EXPECT_FALSE(parse_endpoint(text)) << text;
    }
    EXPECT_TRUE(is_loopback("127.8.0.1"));
    EXPECT_TRUE(is_loopback("::1"));
    EXPECT_FALSE(is_loopback("127.example.com"));
    EXPECT_FALSE(is_loopback("0.0.0.0"));
}

} // namespace
} // namespace gatehouse::config
