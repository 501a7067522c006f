#include "gateway/headers/request_ids.hpp"
#include "tests/gateway/support/heads.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace gatehouse::gateway {
namespace {

TEST(RequestId, IsFreshUnlessATrustedPeerSentAPlainOne) // R24
{
    struct Case {
        const char* name;
        bool trusted;
        std::vector<Field> fields;
        std::string_view kept; // empty: a fresh one
    };

    const std::string longest(64, 'a');
    const std::string too_long(65, 'a');
    const Case cases[] = {
        {"nothing sent",     true,  {},                                             ""          },
        {"a stranger's",     false, {{"X-Request-Id", "abc"}},                      ""          },
        {"a proxy's",        true,  {{"x-request-id", "aB9._:+/=-"}},               "aB9._:+/=-"},
        {"another spelling", true,  {{"X_Request_Id", "abc"}},                      ""          },
        {"two of them",      true,  {{"X-Request-Id", "a"}, {"X-Request-Id", "a"}}, ""          },
        {"the longest",      true,  {{"X-Request-Id", longest}},                    longest     },
        {"too long",         true,  {{"X-Request-Id", too_long}},                   ""          },
        {"odd characters",   true,  {{"X-Request-Id", "a b"}},                      ""          },
        {"quotes",           true,  {{"X-Request-Id", "a\"b"}},                     ""          },
    };
    IdSource ids;
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        RequestId id;
        id.choose(test::request("GET", "/", c.fields), c.trusted, ids);
        if (!c.kept.empty()) {
            EXPECT_EQ(id.text(), c.kept);
        } else {
            EXPECT_EQ(id.text().size(), 32U);
            EXPECT_EQ(id.text().find_first_not_of("0123456789abcdef"), std::string_view::npos);
        }
    }
}

TEST(RequestId, IsNeverTheSameTwice)
{
    IdSource ids;
    IdSource others;
    std::set<std::string, std::less<>> seen;
    RequestId id;
    for (int i = 0; i < 10'000; ++i) {
        id.renew(i % 2 == 0 ? ids : others);
        EXPECT_TRUE(seen.emplace(id.text()).second);
    }
}

} // namespace
} // namespace gatehouse::gateway
