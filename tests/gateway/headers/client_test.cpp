#include "gateway/headers/client.hpp"
#include "tests/gateway/support/heads.hpp"

#include <gtest/gtest.h>

namespace gatehouse::gateway {
namespace {

TEST(ClientOf, BelievesOnlyTrustedPeersAndOnlyAsFarAsTheyVouch) // R24, R53
{
    const std::vector<std::string> cidrs = {"10.0.0.0/8", "2001:db8::/32"};
    const Networks trusted{cidrs};

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
        const auto client = client_of(head, c.peer, trusted.contains(c.peer), false, trusted);
        EXPECT_EQ(client.address, c.address);
        EXPECT_EQ(client.secure, c.secure);
    }
    EXPECT_TRUE(client_of(test::request("GET", "/"), "1.1.1.1", false, true, trusted).secure);
}

} // namespace
} // namespace gatehouse::gateway
