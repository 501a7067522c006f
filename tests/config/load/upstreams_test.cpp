#include "config/load/load.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::config {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

Loaded with(std::string_view keys)
{
    const auto text = fmt::format("upstreams:\n  o:\n    endpoints: [http://a:1]\n    {}\n"
                                  "routes: [{{match: /**, to: o, auth: none}}]\n",
                                  keys);
    return load_text(text, "g.yaml", {});
}

TEST(Upstreams, HaveKeysThatMustFitTogether)
{
    struct Case {
        const char* keys;
        const char* expected; // "": nothing is wrong
    };

    const Case cases[] = {
        {"health: {path: /h}",                                  ""                                                    },
        {"health: {path: /h, statuses: [200, 3xx, 400-404]}",   ""                                                    },
        {"health: {path: h}",                                   "upstreams.o.health.path: \"h\" is not a path"        },
        {"health: {path: /h, statuses: [20]}",                  "\"20\" is not a status"                              },
        {"health: {path: /h, interval: 1s, timeout: 2s}",
         "upstreams.o.health.timeout: is longer than health.interval"                                                 },
        {"ejection: {after: 0}",                                ""                                                    },
        {"ejection: {base: 10m}",                               "upstreams.o.ejection.base: is longer"                },
        {"retry: {attempts: 2, on: [connect, 503]}",            ""                                                    },
        {"retry: {on: []}",                                     ""                                                    },
        {"retry: {attempts: 1, on: []}",                        "upstreams.o.retry.on: is empty"                      },
        {"health: {path: /h, statuses: []}",                    "upstreams.o.health.statuses: is empty"               },
        {"retry: {on: [500]}",                                  "\"500\" is no reason"                                },
        {"retry: {on: [timeout]}",                              "upstreams.o.retry.on: has `timeout`"                 },
        {"retry: {on: [timeout], each: 1s}",                    ""                                                    },
        {"retry: {backoff: 1s}",                                "upstreams.o.retry.backoff: is longer than retry.most"},
        {"circuit: {requests: 10, connections: 5, pending: 1}", ""                                                    },
        {"budget: {requests: 10, per: 1s, wait: 1s}",           ""                                                    },
        {"budget: {}",                                          ""                                                    },
        {"budget: {obey: false}",                               "upstreams.o.budget: limits nothing"                  },
        {"budget: {shared: true}",                              "upstreams.o.budget.shared: shares nothing"           },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.keys);
        const auto errors = to_string(with(c.keys).errors);
        if (*c.expected == '\0') {
            EXPECT_THAT(errors, IsEmpty());
        } else {
            EXPECT_THAT(errors, HasSubstr(c.expected));
        }
    }
}

TEST(Upstreams, WarnAboutChecksThatAskForNothing)
{
    EXPECT_THAT(to_string(with("health: {interval: 1s}").warnings), HasSubstr("has no path"));
    EXPECT_THAT(to_string(with("balance: round_robin").warnings), Not(HasSubstr("has no path")));
}

TEST(Upstreams, WarnAboutABudgetThatNobodyCouldShare)
{
    const auto shared = "budget: {requests: 5, shared: true}";
    EXPECT_THAT(to_string(with(shared).warnings), HasSubstr("no other gateway can take its part"));
    EXPECT_THAT(to_string(with("budget: {requests: 5}").warnings), Not(HasSubstr("its part")));
}

} // namespace
} // namespace gatehouse::config
