#include "gateway/upstream/described.hpp"

#include <gtest/gtest.h>

namespace gatehouse::gateway {
namespace {

TEST(DescribedUpstream, NamesEndpointsAndTheWayToOne)
{
    struct Case {
        const char* name;
        UpstreamTarget upstream;
        const char* expected;
    };

    const auto a = *parse_endpoint("http://a:1");
    const auto s = *parse_endpoint("https://s");
    const auto b = *parse_endpoint("unix:/run/b.sock");
    auto pods = a;
    pods.look_up = "a";
    pods.expand = true;
    const config::StickyCookieSettings cookie{"at", {}};
    using enum config::Balance;
    const Case cases[] = {
        {"one",     {"x", {a}},                                            "http://a:1"                                    },
        {"two",     {"x", {a, b}},                                         "http://a:1, unix:/run/b.sock; in turn"         },
        {"TLS",     {"x", {s, a}},                                         "https://s:443, http://a:1; in turn"            },
        {"weights",
         {"x", {a, b}, {3, 1}, {.balance = least_requests, .header = {}}},
         "http://a:1 (weight 3), unix:/run/b.sock; to the one with the fewest requests under way"                          },
        {"hash",
         {"x", {a, b}, {}, {hash, HashOn::header, "X-Tenant"}},
         "http://a:1, unix:/run/b.sock; by a hash of X-Tenant"                                                             },
        {"cookie",
         {"x", {a, b}, {}, {round_robin, HashOn::user, "", cookie}},
         "http://a:1, unix:/run/b.sock; in turn, unless the cookie at names one"                                           },
        {"pods",    {"x", {pods}},                                         "http://a:1 (each address of the name); in turn"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        EXPECT_EQ(described(c.upstream), c.expected);
    }
}

} // namespace
} // namespace gatehouse::gateway
