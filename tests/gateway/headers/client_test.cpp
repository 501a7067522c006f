#include "gateway/headers/client.hpp"
#include "tests/gateway/support/heads.hpp"

#include <gtest/gtest.h>

namespace gatehouse::gateway {
namespace {

TEST(Networks, ContainTheirAddressesAndNoOthers)
{
    const std::vector<std::string> cidrs = {"10.0.0.0/8", "192.0.2.7",     "2001:db8::/33",
                                            "::1",        "172.16.0.0/12", "broken/8",
                                            "1.2.3.4/40", "1.2.3.4/x",     "1.2.3.4/"};
    const Networks networks{cidrs};
    for (const auto* inside : {"10.0.0.1", "10.255.255.255", "192.0.2.7", "2001:db8::1", "::1",
                               "2001:db8:7fff::1", "172.31.9.9", "::ffff:10.1.1.1"}) {
        EXPECT_TRUE(networks.contains(inside)) << inside;
    }
    for (const auto* outside : {"11.0.0.1", "9.255.255.255", "192.0.2.8", "2001:db8:8000::1", "::2",
                                "172.32.0.1", "1.2.3.4", "", "10.0.0", "10.0.0.1 ", "10.0.0.1:80",
                                "nonsense", "1111111111111111111111111111111111111111111111111"}) {
        EXPECT_FALSE(networks.contains(outside)) << outside;
    }
    EXPECT_FALSE(Networks{}.contains("10.0.0.1"));
    const std::vector<std::string> everything = {"0.0.0.0/0"};
    EXPECT_TRUE(Networks{everything}.contains("203.0.113.1"));
    EXPECT_FALSE(Networks{everything}.contains("2001:db8::1")) << "IPv4 networks hold IPv4 only";
}

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
