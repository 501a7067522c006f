#include "config/load/load.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::config {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

std::string errors_of(std::string_view top, std::string_view cache)
{
    const auto text = fmt::format(
        "{}\nroutes: [{{match: /**, to: 'http://a:1', auth: none, cache: {{{}}}}}]\n", top, cache);
    return to_string(load_text(text, "g.yaml", {}).errors);
}

TEST(Cache, HasKeysThatMustFitTogether)
{
    struct Case {
        const char* top;
        const char* cache;
        const char* expected; // "": nothing is wrong
    };

    const Case cases[] = {
        {"",                      "",                                      ""                                          },
        {"cache: {memory: 1MiB}", "max_body: 1MiB",                        ""                                          },
        {"cache: {memory: 1MiB}", "max_body: 2MiB",                        "is more than all answers may take together"},
        {"cache: {memory: 1KiB}", "",                                      "cache.memory"                              },
        {"",                      "shared: true, vary: [accept-language]", ""                                          },
        {"",                      "vary: ['a b']",                         "routes[0].cache.vary"                      },
        {"",                      "fresh_for: 1y",                         "routes[0].cache.fresh_for"                 },
        {"",                      "public: true",                          "public"                                    },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.cache);
        const auto errors = errors_of(c.top, c.cache);
        if (*c.expected == '\0') {
            EXPECT_THAT(errors, IsEmpty());
        } else {
            EXPECT_THAT(errors, HasSubstr(c.expected));
        }
    }
}

TEST(Cache, IsOffWhereNobodySaysSo)
{
    const auto loaded =
        load_text("routes: [{match: /**, to: 'http://a:1', auth: none}]\n", "g.yaml", {});
    EXPECT_FALSE(loaded.settings.routes.front().cache);
}

} // namespace
} // namespace gatehouse::config
