#include "config/load/load.hpp"
#include "gateway/command/cache_review.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace gatehouse::gateway {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

/// Each on a line: `!` for a warning, and what is found of a route with such a line.
std::string found(const std::string& line)
{
    const auto text = "routes:\n  - match: /**\n    to: 'http://a:1'\n    " + line + "\n";
    auto loaded = config::load_text(text, "g.yaml", {});
    EXPECT_TRUE(loaded.ok()) << to_string(loaded.errors);
    std::string all;
    for (const auto& one : cache_findings(loaded.settings))
        all += std::string(one.warning ? "!" : "-") + one.what + "\n";
    return all;
}

TEST(CacheReview, TellsWhatDefeatsACacheInSilence)
{
    struct Case {
        const char* line;
        const char* expected; // "": nothing
    };

    const Case cases[] = {
        {"cache: {}",                                                                             ""                                                     },
        {"request_headers: {set: {X-A: '{request.id}'}}",                                         ""                                                     },
        {"cache: {vary: [accept-language, X-Tenant]}",                                            ""                                                     },
        {"cache: {shared: true}\n    forward_authorization: true",                                ""                                                     },
        {"cache: {}\n    methods: [GET, POST]",                                                   ""                                                     },
        {"cache: {}\n    request_headers: {set: {X-A: 'fixed {path} {method} {host} {scheme}'}}",
         ""                                                                                                                                              },
        {"cache: {}\n    request_headers: {set: {X-A: 'a {request.id}'}}",
         "!request_headers writes {request.id} into X-A"                                                                                                 },
        {"cache: {}\n    request_headers: {add: {X-B: '{request.id}'}}",
         "!request_headers writes {request.id}"                                                                                                          },
        {"cache: {}\n    request_headers: {set: {X-A: '{user.id}'}}",
         "-request_headers writes what differs"                                                                                                          },
        {"cache: {}\n    request_headers: {set: {X-A: '{claim:org}'}}",
         "-request_headers writes what differs"                                                                                                          },
        {"cache: {}\n    request_headers: {set: {X-A: '{client.address}'}}",
         "-request_headers writes what differs"                                                                                                          },
        {"cache: {vary: [X-Request-Id]}",                                                         "!cache.vary names X-Request-Id, which is another"     },
        {"cache: {vary: [traceparent]}",                                                          "!cache.vary names traceparent, which is another"      },
        {"cache: {vary: ['*']}",                                                                  "!cache.vary names *, which stands for no header"      },
        {"cache: {vary: [Cookie]}",                                                               "!cache.vary names Cookie, which tells who asks"       },
        {"cache: {vary: [Authorization]}",                                                        "!cache.vary names Authorization, which tells who asks"},
        {"cache: {}\n    methods: [POST]",                                                        "!cache is on, and no GET comes here"                  },
        {"cache: {}\n    forward_authorization: true",                                            "-forward_authorization is on"                         },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.line);
        if (std::string_view(c.expected).empty()) {
            EXPECT_THAT(found(c.line), IsEmpty());
        } else {
            EXPECT_THAT(found(c.line), HasSubstr(c.expected));
        }
    }
}

} // namespace
} // namespace gatehouse::gateway
