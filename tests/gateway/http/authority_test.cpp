#include "gateway/http/authority.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse::gateway {
namespace {

TEST(IsAuthority, TakesNamesAddressesAndPorts)
{
    const std::string good[] = {
        "a",
        "example.com",
        "Example.COM.",
        "my_service~1-x",
        "127.0.0.1",
        "a:1",
        "a:65535",
        "a:080",
        "[::1]",
        "[2001:db8::7]:8080",
        "[::ffff:1.2.3.4]",
        std::string(255, 'a'),
    };
    for (const auto& text : good) {
        SCOPED_TRACE(text);
        EXPECT_TRUE(is_authority(text));
    }
}

TEST(IsAuthority, RefusesEverythingElse)
{
    // R7
    const std::string bad[] = {
        "",
        ":80",
        "a:",
        "a:0",
        "a:65536",
        "a:99999999999",
        "a:-1",
        "a:+1",
        "a:1x",
        "a: 1",
        "a:1:2",
        "a b",
        "a,b",
        "a/b",
        "a?b",
        "a#b",
        "a\\b",
        "u@a",
        "u:p@a",
        "a%2eb",
        "a;b",
        "a\tb",
        "a\xc3\xa9",
        "a'b",
        "[",
        "]",
        "[]",
        "[]:80",
        "[::1",
        "::1",
        "[::1]80",
        "[::1]:",
        "[::1]a",
        "[::1]:x",
        "[fe80::1%eth0]",
        "[v1.x]",
        "[1.2.3.4]",
        "[:::1]",
        "a[::1]",
        "[::1]:80:",
        "[a]",
        "<a>",
        std::string(256, 'a'),
        std::string("a\0b", 3),
        "[" + std::string(60, ':') + "]",
    };
    for (const auto& text : bad) {
        SCOPED_TRACE(text);
        EXPECT_FALSE(is_authority(text));
    }
}

} // namespace
} // namespace gatehouse::gateway
