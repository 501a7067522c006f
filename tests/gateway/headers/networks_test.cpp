#include "gateway/headers/networks.hpp"

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

TEST(IsPrivateAddress, KnowsWhoIsNear)
{
    for (const auto* near :
         {"10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.7.7", "127.0.0.1", "169.254.1.1",
          "100.64.0.1", "::1", "fc00::1", "fdff::1", "fe80::1", "::ffff:10.0.0.1"}) {
        EXPECT_TRUE(is_private_address(near)) << near;
    }
    for (const auto* far : {"11.0.0.1", "172.32.0.1", "192.169.0.1", "100.128.0.1", "8.8.8.8",
                            "::2", "2001:db8::1", "fec0::1", "unix:uid=1", ""}) {
        EXPECT_FALSE(is_private_address(far)) << far;
    }
}

} // namespace
} // namespace gatehouse::gateway
