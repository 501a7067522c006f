// What a person is shown of the settings: each value, and where it comes from; secrets never.
#include "config/load/load.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace gatehouse::config {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr auto base = R"(listen: [{address: 127.0.0.1:8080}]
store: sqlite:x.db
)";

Loaded loaded(const std::string& more, const Environment& environment = {},
              std::span<const Override> overrides = {})
{
    return load_text(base + more, "gatehouse.yaml", environment, overrides);
}

std::string shown(const Loaded& from, std::string_view key)
{
    EXPECT_TRUE(from.ok()) << to_string(from.errors);
    const auto& all = *from.settings.shown;
    const auto found = std::ranges::find(all, key, &ShownSetting::key);
    return found == all.end() ? "" : found->value + " # " + found->origin;
}

TEST(ShownSettings, NameTheOriginOfEachValue)
{
    const std::vector<Override> overrides{
        {"--log-format", "log.format", "dev"}
    };
    const auto from = loaded("drain: {delay: 3s}\nroutes:\n  - match: /a/**\n    methods: [GET, "
                             "PUT]\n    to: http://h:1\n",
                             {}, overrides);
    EXPECT_EQ(shown(from, "drain.delay"), "3s # gatehouse.yaml:3:16");
    EXPECT_EQ(shown(from, "drain.timeout"), "25s # default");
    EXPECT_EQ(shown(from, "log.format"), "dev # --log-format");
    EXPECT_EQ(shown(from, "listen[0].address"), "127.0.0.1:8080 # gatehouse.yaml:1:20");
    EXPECT_EQ(shown(from, "routes[0].match"), "/a/** # gatehouse.yaml:5:12");
    EXPECT_EQ(shown(from, "routes[0].methods"), "[GET, PUT] # gatehouse.yaml:6:14");
    EXPECT_EQ(shown(from, "tokens.algorithm"), "ES256 # default");
    EXPECT_EQ(shown(from, "limits.head"), "32KiB # default");
}

TEST(ShownSettings, MaskWhatWasPutInAndWhatIsSecret)
{
    const Environment environment{
        {"UPSTREAM",              "http://hidden-host:3000"                },
        {"GATEHOUSE_ADMIN_TOKEN", "hidden-token-0123456789abcdef0123456789"},
    };
    const auto from = loaded("routes:\n  - {match: /a, to: '${UPSTREAM}'}\n", environment);
    EXPECT_EQ(shown(from, "routes[0].to"), "*** # gatehouse.yaml:4:21 ${UPSTREAM}");
    EXPECT_EQ(shown(from, "GATEHOUSE_ADMIN_TOKEN"), "*** # environment GATEHOUSE_ADMIN_TOKEN");
    for (const auto& setting : *from.settings.shown) {
        EXPECT_THAT(setting.value + setting.origin, Not(HasSubstr("hidden"))) << setting.key;
    }
}

TEST(AdminToken, MustNotBeGuessable)
{
    for (const auto* token : {"guess-me", "0123456789abcdef0123456789abcde",
                              "has blanks in it and is long enough so far",
                              "has,commas,in,it,and,is,long,enough,so,far"}) {
        const auto from = loaded("", {
                                         {"GATEHOUSE_ADMIN_TOKEN", token}
        });
        ASSERT_EQ(from.errors.size(), 1U) << token;
        const auto message = to_string(from.errors);
        EXPECT_THAT(message, HasSubstr("GATEHOUSE_ADMIN_TOKEN"));
        EXPECT_THAT(message, Not(HasSubstr(token)));
    }
    EXPECT_TRUE(loaded("",
                       {
                           {"GATEHOUSE_ADMIN_TOKEN", "0123456789abcdef0123456789abcdef"}
    })
                    .ok());
}

TEST(AdminToken, IsKeptBesideTheStoreOrWhereTheStateIs)
{
    struct Case {
        const char* store;
        Environment environment;
        const char* file;
    };

    const Case cases[] = {
        {"sqlite:data/x.db", {},                  "conf/data/x.db.admin-token"},
        {"memory",           {},                  ""                          },
        {"postgres://db/gh", {},                  "conf/gatehouse.admin-token"},
        {"postgres://db/gh",
         {{"STATE_DIRECTORY", "/var/lib/gh:/x"}},
         "/var/lib/gh/gatehouse.admin-token"                                  },
    };
    for (const auto& each : cases) {
        const auto from =
            load_text(std::string("store: ") + each.store, "conf/gatehouse.yaml", each.environment);
        EXPECT_EQ(from.settings.admin_api.file(), each.file) << each.store;
    }
}

} // namespace
} // namespace gatehouse::config
