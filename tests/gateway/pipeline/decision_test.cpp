#include "auth/revocation/feed_lease.hpp"
#include "auth/revocation/revocation_table.hpp"
#include "auth/tokens/authenticator.hpp"
#include "auth/tokens/key_keeper.hpp"
#include "auth/tokens/token_issuer.hpp"
#include "gateway/pipeline/decision.hpp"
#include "tests/gateway/support/allocation_count.hpp"
#include "tests/gateway/support/heads.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;
using auth::Seconds;

constexpr Seconds noon{std::chrono::seconds{1'800'000'000}};

class StandingClock final : public auth::Clock {
public:
    [[nodiscard]] auth::Millis now() const noexcept override { return noon; }
};

config::RouteSettings route(std::string match, config::AuthMode mode)
{
    config::RouteSettings settings;
    settings.match = std::move(match);
    settings.to = "http://u:1";
    settings.auth = mode;
    return settings;
}

std::vector<config::RouteSettings> all_routes()
{
    using enum config::AuthMode;
    std::vector<config::RouteSettings> routes = {
        route("/required/**", required), route("/optional/**", optional),
        route("/none/**", none),         route("/admin/**", required),
        route("/params/**", none),       route("/get", none),
        route("/stale/**", required),    route("/cors/**", required),
        route("/maybe-stale", optional),
    };
    routes[3].roles = {"admin", "root"};
    routes[4].allow_path_params = true;
    routes[5].methods = {"GET"};
    routes[6].on_stale = config::OnStale::deny;
    routes[7].cors.emplace().origins = {"https://a.example"};
    routes[7].methods = {"GET", "PUT"};
    routes[8].on_stale = config::OnStale::deny;
    return routes;
}

class Decision : public testing::Test {
protected:
    Decision()
        : keeper(*auth::KeyKeeper::open(tokens, "", clock)),
          authenticator(tokens, revocations, keeper->ring())
    {
    }

    std::string token(std::string user, std::vector<std::string> roles = {},
                      Seconds expires = noon + 1h)
    {
        const auth::AccessClaims claims{
            std::move(user),  session.to_string(), auth::Id128::random().to_string(),
            std::move(roles), noon - 60s,          expires};
        return "Bearer " + auth::TokenIssuer{tokens}.access(*keeper->ring(), claims);
    }

    /// The answer in words: "ok", "ok user", "preflight", or the refusal's code.
    std::string ask(std::string_view method, std::string_view target,
                    std::vector<Field> fields = {})
    {
        const auto head = test::request(method, target, std::move(fields));
        const DecisionRooms rooms{router, authenticator, stale, "/auth", lease};
        const auto admission = decide(rooms, head, noon, scratch);
        if (!admission) {
            reason = admission.error().reason;
            allow = admission.error().allow;
            return std::string{to_string(admission.error().code)};
        }
        last = *admission;
        EXPECT_EQ(admission->route, scratch.route);
        if (admission->preflight != nullptr) return "preflight";
        return admission->principal == nullptr ? "ok" : "ok " + admission->principal->user_id;
    }

    config::TokenSettings tokens;
    StandingClock clock;
    auth::RevocationTable revocations;
    std::unique_ptr<auth::KeyKeeper> keeper;
    auth::Authenticator authenticator;
    std::vector<config::RouteSettings> routes = all_routes();
    Router router{routes};
    auth::Id128 session = auth::Id128::random();
    DecisionScratch scratch;
    bool stale = false;
    const auth::FeedLease* lease = nullptr;
    Admission last;
    std::string reason;
    std::string allow;
};

TEST_F(Decision, LooksAtTokensAsTheRouteSays) // R21, R25, R37
{
    const auto good = token("ann");
    const auto expired = token("ann", {}, noon);
    auto forged = good;
    forged[forged.size() - 10] = forged[forged.size() - 10] == 'A' ? 'B' : 'A';
    const std::string none;
    const std::string basic = "Basic YW5uOnB3";

    struct Case {
        std::string_view path;
        const std::string& authorization;
        std::string_view expected;
    };

    const Case cases[] = {
        {"/required/x", good,    "ok ann"       },
        {"/required/x", none,    "token_missing"},
        {"/required/x", basic,   "token_missing"},
        {"/required/x", expired, "token_expired"},
        {"/required/x", forged,  "token_invalid"},
        {"/optional/x", good,    "ok ann"       },
        {"/optional/x", none,    "ok"           },
        {"/optional/x", basic,   "ok"           },
        {"/optional/x", expired, "token_expired"}, // a bad token is bad everywhere
        {"/optional/x", forged,  "token_invalid"},
        {"/none/x",     good,    "ok"           }, // not looked at: no identity
        {"/none/x",     none,    "ok"           },
        {"/none/x",     expired, "ok"           },
        {"/none/x",     forged,  "ok"           },
        {"/nowhere",    none,    "token_missing"}, // a stranger learns nothing
        {"/nowhere",    expired, "token_expired"},
        {"/nowhere",    good,    "not_found"    },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(std::string{c.path} + " " + c.authorization.substr(0, 12));
        std::vector<Field> fields;
        if (!c.authorization.empty()) fields.push_back({"Authorization", c.authorization});
        EXPECT_EQ(ask("GET", c.path, fields), c.expected);
    }
    EXPECT_EQ(ask("GET", "/required/x",
                  {
                      {"Authorization", good},
                      {"Authorization", good}
    }),
              "token_invalid");
    EXPECT_EQ(ask("GET", "/none/x",
                  {
                      {"Authorization", good},
                      {"Authorization", good}
    }),
              "ok");
}

TEST_F(Decision, ExemptsNoMethodFromTheToken) // R25
{
    for (const auto* method : {"GET", "HEAD", "OPTIONS", "POST", "TRACE", "BREW", "get"}) {
        SCOPED_TRACE(method);
        EXPECT_EQ(ask(method, "/required/x"), "token_missing");
    }
}

TEST_F(Decision, LetsNoOtherFieldChangeTheRule) // R24
{
    for (const auto* name :
         {"X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Uri", "X-Envoy-Original-Path",
          "X-HTTP-Method-Override", "X-Forwarded-Prefix", "X-Original-Method"}) {
        SCOPED_TRACE(name);
        EXPECT_EQ(ask("GET", "/required/x",
                      {
                          {name, "/none/x"}
        }),
                  "token_missing");
    }
    EXPECT_EQ(ask("GET", "/required/x",
                  {
                      {"User-Agent", "kube-probe/1.29"}
    }),
              "token_missing");
}

TEST_F(Decision, JudgesThePathThatIsForwarded) // R23
{
    struct Case {
        std::string_view target;
        std::string_view expected;
    };

    const Case cases[] = {
        {"/none/../required/x",         "token_missing"},
        {"/none/%2e%2e/required/x",     "token_missing"},
        {"//required/x",                "token_missing"},
        {"/%72equired/x",               "token_missing"},
        {"/none/x?/../required",        "ok"           }, // a query is no path
        {"/none/..%2frequired/x",       "bad_request"  },
        {"/none/..;/required/x",        "bad_request"  },
        {"/none/..\\required",          "bad_request"  },
        {"/none/%252e%252e/required/x", "bad_request"  },
        {"/none/a;v=1",                 "bad_request"  }, // only where the route says so
        {"/required/a;v=1",             "bad_request"  },
        {"/nowhere;v=1",                "bad_request"  },
        {"/params/a;v=1",               "ok"           },
        {"/params;v=1/a",               "ok"           },
        {"/params/..;/required/x",      "bad_request"  },
        {"none/x",                      "bad_request"  },
        {"?x",                          "bad_request"  },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.target);
        EXPECT_EQ(ask("GET", c.target), c.expected);
    }
    EXPECT_EQ(ask("GET", "/x/../none//%41?a=%2e%2e//b;c"), "ok");
    EXPECT_EQ(last.path, "/none/A");
    EXPECT_EQ(last.query, "?a=%2e%2e//b;c");
    EXPECT_EQ(scratch.judged_path, "/none/A");
    EXPECT_EQ(ask("GET", "/none/x?"), "ok");
    EXPECT_EQ(last.query, "?");
    EXPECT_EQ(ask("GET", "/none/x"), "ok");
    EXPECT_EQ(last.query, "");
}

TEST_F(Decision, AsksForOneOfTheRoutesRoles)
{
    const auto with = [this](std::vector<std::string> roles) {
        const auto authorization = token("ann", std::move(roles));
        return ask("GET", "/admin/x",
                   {
                       {"Authorization", authorization}
        });
    };
    EXPECT_EQ(with({"admin"}), "ok ann");
    EXPECT_EQ(with({"staff", "root"}), "ok ann");
    EXPECT_EQ(with({}), "forbidden");
    EXPECT_EQ(with({"staff", "Admin", "administrator"}), "forbidden");
    EXPECT_EQ(ask("GET", "/admin/x"), "token_missing");
}

TEST_F(Decision, SaysWhichMethodsThereAreOnlyBehindAToken)
{
    EXPECT_EQ(ask("GET", "/get"), "ok");
    EXPECT_EQ(ask("POST", "/get"), "token_missing");
    const auto good = token("ann");
    EXPECT_EQ(ask("POST", "/get",
                  {
                      {"Authorization", good}
    }),
              "method_not_allowed");
    EXPECT_EQ(allow, "GET, HEAD");
}

TEST_F(Decision, HearsOfSignOutAndRoles) // R46
{
    const auto good = token("ann", {"admin"});
    const std::vector<Field> fields = {
        {"Authorization", good}
    };
    EXPECT_EQ(ask("GET", "/admin/x", fields), "ok ann");
    revocations.set_roles("ann", {"staff"}, noon + 1h);
    EXPECT_EQ(ask("GET", "/admin/x", fields), "forbidden");
    revocations.end_session(session, noon + 1h);
    EXPECT_EQ(ask("GET", "/required/x", fields), "token_revoked");
    EXPECT_EQ(ask("GET", "/optional/x", fields), "token_revoked");
    EXPECT_EQ(ask("GET", "/none/x", fields), "ok");
}

TEST_F(Decision, RefusesOnAStaleFeedWhereTheRouteSaysSo)
{
    const auto good = token("ann");
    const std::vector<Field> fields = {
        {"Authorization", good}
    };
    EXPECT_EQ(ask("GET", "/stale/x", fields), "ok ann");
    stale = true;
    EXPECT_EQ(ask("GET", "/stale/x", fields), "store_unavailable");
    EXPECT_EQ(ask("GET", "/maybe-stale", fields), "store_unavailable");
    EXPECT_EQ(ask("GET", "/maybe-stale"), "ok");
    EXPECT_EQ(ask("GET", "/stale/x"), "token_missing");
    EXPECT_EQ(ask("GET", "/required/x", fields), "ok ann");
    EXPECT_EQ(ask("GET", "/none/x", fields), "ok");
}

TEST_F(Decision, BelievesNoTokenWithoutTheLease)
{
    const auto good = token("ann");
    const std::vector<Field> fields = {
        {"Authorization", good}
    };
    auth::FeedLease feed_lease; // nothing was heard yet
    lease = &feed_lease;
    const DecisionRooms rooms{router, authenticator, stale, "/auth", lease};
    for (const auto* target : {"/required/x", "/optional/x", "/stale/x", "/nowhere"}) {
        SCOPED_TRACE(target);
        EXPECT_EQ(ask("GET", target, fields), "store_unavailable");
    }
    const auto bearer = identify_bearer(rooms, fields, noon);
    ASSERT_FALSE(bearer);
    EXPECT_EQ(bearer.error().code, RefusalCode::store_unavailable);
    // What needs no token needs no lease, and a bad token is a bad token.
    EXPECT_EQ(ask("GET", "/none/x", fields), "ok");
    EXPECT_EQ(ask("GET", "/optional/x"), "ok");
    EXPECT_EQ(ask("GET", "/required/x"), "token_missing");

    const auto now = auth::FeedLease::Steady::now();
    feed_lease.extend(now, 1h);
    EXPECT_EQ(ask("GET", "/required/x", fields), "ok ann");
    EXPECT_TRUE(identify_bearer(rooms, fields, noon));
    feed_lease.extend(now - 2h, 1h);
    EXPECT_EQ(ask("GET", "/required/x", fields), "store_unavailable");
}

TEST_F(Decision, AnswersOnlyARealPreflightBeforeTheToken) // R25
{
    const Field origin{"Origin", "https://a.example"};
    const Field put{"Access-Control-Request-Method", "PUT"};
    EXPECT_EQ(ask("OPTIONS", "/cors/x", {origin, put}), "preflight");
    EXPECT_EQ(last.preflight, &*routes[7].cors);
    EXPECT_EQ(ask("OPTIONS", "/cors/x",
                  {
                      {"Origin", "https://evil.example"},
                      put
    }),
              "preflight");
    EXPECT_EQ(ask("OPTIONS", "/cors/x", {origin}), "token_missing");
    EXPECT_EQ(ask("OPTIONS", "/cors/x", {put}), "token_missing");
    EXPECT_EQ(ask("GET", "/cors/x", {origin, put}), "token_missing");
    // No such method there, or no CORS rules: a preflight is an ordinary OPTIONS.
    EXPECT_EQ(ask("OPTIONS", "/cors/x",
                  {
                      origin, {"Access-Control-Request-Method", "DELETE"}
    }),
              "token_missing");
    EXPECT_EQ(ask("OPTIONS", "/required/x", {origin, put}), "token_missing");
    EXPECT_EQ(ask("OPTIONS", "/none/x", {origin, put}), "ok");
    EXPECT_EQ(ask("OPTIONS", "/cors/x;v=1", {origin, put}), "bad_request");
}

TEST_F(Decision, LetsNoRouteHaveWhatLooksLikeTheAuthApi) // R26
{
    routes.push_back(route("/**", config::AuthMode::none));
    router = Router{routes};
    EXPECT_EQ(ask("POST", "/anything"), "ok");
    for (const auto* path : {"/Auth/login", "/AUTH/LOGIN", "//auth/login", "/auth/./login",
                             "/x/../aUth/login", "/%41uth/login"}) {
        SCOPED_TRACE(path);
        EXPECT_EQ(ask("POST", path), "token_missing");
        EXPECT_EQ(scratch.route, nullptr);
    }
    EXPECT_EQ(ask("POST", "/auth;x/login"), "bad_request");
    EXPECT_EQ(ask("POST", "/authority"), "ok");
}

TEST_F(Decision, TellsRouteAndPathAlsoWhenItRefuses)
{
    EXPECT_EQ(ask("GET", "/required/./x"), "token_missing");
    ASSERT_NE(scratch.route, nullptr);
    EXPECT_EQ(scratch.route->settings->match, "/required/**");
    EXPECT_EQ(scratch.judged_path, "/required/x");
    EXPECT_EQ(ask("GET", "/%"), "bad_request");
    EXPECT_EQ(scratch.route, nullptr);
    EXPECT_EQ(scratch.judged_path, "");
}

TEST_F(Decision, KeepsTheExactReasonForTheLog) // R38
{
    auto forged = token("ann");
    forged.back() = forged.back() == 'A' ? 'E' : 'A';
    EXPECT_EQ(ask("GET", "/required/x",
                  {
                      {"Authorization", forged}
    }),
              "token_invalid");
    EXPECT_FALSE(reason.empty());
    EXPECT_EQ(ask("GET", "/required/x",
                  {
                      {"Authorization", "Bearer x"}
    }),
              "token_invalid");
    EXPECT_EQ(reason, "malformed");
}

TEST_F(Decision, AllocatesNothingForAKnownToken)
{
    if (!test::counts_allocations()) GTEST_SKIP();
    const auto good = token("ann", {"admin"});
    const auto head = test::request("GET", "/admin/a/../b?x",
                                    {
                                        {"Accept",        "*/*"},
                                        {"Authorization", good }
    });
    const DecisionRooms rooms{router, authenticator, stale, "/auth"};
    EXPECT_EQ(test::allocations_of([&] { ASSERT_TRUE(decide(rooms, head, noon, scratch)); }), 0U);
}

} // namespace
} // namespace gatehouse::gateway
