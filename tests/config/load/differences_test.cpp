#include "config/load/differences.hpp"
#include "config/load/load.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Settings settings_of(std::string_view text, const Environment& environment = {})
{
    auto loaded = load_text(text, "/etc/gatehouse/gatehouse.yaml", environment);
    EXPECT_TRUE(loaded.ok()) << to_string(loaded.errors);
    return std::move(loaded.settings);
}

constexpr std::string_view base = R"(
listen: [{address: 127.0.0.1:8080}]
upstreams:
  orders: {endpoints: [http://10.0.0.1:80]}
identity: {headers: [{name: X-Plan, claim: org.plan}]}
auth: {contract: {claims: {plan: free, who: {name: $username}}}}
routes:
  - {match: /a/**, to: orders, timeout: 5s, cors: {origins: [https://a.example]}}
  - {match: /b/**, to: orders, auth: {roles: [admin], claims: {org.plan: [gold]}}}
)";

std::string changed(std::string_view from, std::string_view to)
{
    std::string text(base);
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}

TEST(SettleDifferences, FindsNoneBetweenTwoReadingsOfOneFile)
{
    const auto running = settings_of(base);
    auto wanted = settings_of(base);
    EXPECT_FALSE(settle_differences(running, wanted).any());
}

TEST(SettleDifferences, NamesEveryKeyThatTakesEffect)
{
    struct Case {
        std::string_view from;
        std::string_view to;
        const char* key;
    };

    const Case cases[] = {
        {"timeout: 5s",                            "timeout: 6s",                                            "routes[0].timeout"         },
        {", timeout: 5s",                          "",                                                       "routes[0].timeout"         },
        {"https://a.example",                      "https://b.example",                                      "routes[0].cors.origins"    },
        {", cors: {origins: [https://a.example]}", "",                                                       "routes[0].cors"            },
        {"roles: [admin]",                         "roles: [root]",                                          "routes[1].auth.roles"      },
        {"[gold]",                                 "[silver]",                                               "routes[1].auth.claims"     },
        {"http://10.0.0.1:80",                     "http://10.0.0.2:80",                                     "upstreams.orders.endpoints"},
        {"claim: org.plan",                        "claim: org.name",                                        "identity.headers[0].claim" },
        {"plan: free",                             "plan: paid",                                             "auth.contract.claims"      },
        {"who: {name: $username}",                 "who: {name: $email}",                                    "auth.contract.claims"      },
        {"127.0.0.1:8080",                         "127.0.0.1:8081",                                         "listen[0].address"         },
        {"listen: [{address: 127.0.0.1:8080}]",
         "listen: [{address: 127.0.0.1:8080}, {address: 127.0.0.1:8081}]",                                   "listen"                    },
        {"upstreams:",                             "upstreams:\n  spare: {endpoints: [http://10.0.0.3:80]}", "upstreams.spare"           },
        {"listen:",                                "registration: closed\nlisten:",                          "registration"              },
        {"listen:",                                "drain: {timeout: 1s}\nlisten:",                          "drain.timeout"             },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.to);
        const auto running = settings_of(base);
        auto wanted = settings_of(changed(c.from, c.to));
        const auto found = settle_differences(running, wanted);
        EXPECT_THAT(found.take_effect, ElementsAre(c.key));
        EXPECT_THAT(found.need_a_restart, IsEmpty());
    }
}

TEST(SettleDifferences, KeepsWhatOnlyAStartCanChangeAndTakesTheRest)
{
    const auto running = settings_of(base);
    auto wanted = settings_of(changed("listen:", "workers: 7\n"
                                                 "postgres: {connections: 5}\n"
                                                 "tokens: {access_ttl: 5m, issuer: me}\n"
                                                 "listen:"));
    const auto found = settle_differences(running, wanted);
    EXPECT_THAT(found.need_a_restart,
                ElementsAre("workers", "postgres.connections", "tokens.access_ttl"));
    EXPECT_THAT(found.take_effect, ElementsAre("tokens.issuer"));
    EXPECT_EQ(wanted.workers, running.workers);
    EXPECT_EQ(wanted.postgres.connections, running.postgres.connections);
    EXPECT_EQ(wanted.tokens.access_ttl, running.tokens.access_ttl);
    EXPECT_EQ(wanted.tokens.issuer, "me");
    EXPECT_THAT(problems_of(wanted, "merged"), IsEmpty());
}

TEST(SettleDifferences, TellsOfSecretsByNameAlone)
{
    const std::string one(32, 'a');
    const std::string other(32, 'b');
    const auto text = changed("listen:", "tokens: {algorithm: HS256}\nlisten:");
    const auto running =
        settings_of(text, {
                              {"ACCESS_TOKEN_SECRET",  one  },
                              {"REFRESH_TOKEN_SECRET", other}
    });
    auto wanted = settings_of(text, {
                                        {"ACCESS_TOKEN_SECRET", std::string(32, 'c')},
                                        {"ACCESS_TOKEN_SECRET_PREVIOUS", one},
                                        {"REFRESH_TOKEN_SECRET", other}
    });
    const auto found = settle_differences(running, wanted);
    EXPECT_THAT(found.need_a_restart,
                ElementsAre("ACCESS_TOKEN_SECRET", "ACCESS_TOKEN_SECRET_PREVIOUS"));
    EXPECT_EQ(wanted.tokens.access_secret.reveal(), one);
    EXPECT_TRUE(wanted.tokens.access_secrets_previous.empty());
}

TEST(ProblemsOf, FindsNoneInWhatAFileGave)
{
    EXPECT_THAT(problems_of(settings_of(base), "merged"), IsEmpty());
}

TEST(ProblemsOf, FindsWhatDoesNotFitTogether)
{
    auto settings = settings_of(base);
    settings.routes[1].match = settings.routes[0].match;
    settings.routes[1].host = settings.routes[0].host;
    EXPECT_FALSE(problems_of(settings, "merged").empty());
}

} // namespace
} // namespace gatehouse::config
