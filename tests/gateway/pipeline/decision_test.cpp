#include "tests/gateway/pipeline/decision_fixture.hpp"
#include "tests/gateway/support/allocation_count.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse::gateway {
namespace {

using Decision = test::DecisionFixture;

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

TEST_F(Decision, LetsNoRouteHaveWhatLooksLikeACallElsewhere) // R26
{
    auth_settings.contract.outer_paths = {"/refresh", "/api/login"};
    routes.push_back(route("/**", config::AuthMode::none));
    router = Router{routes};
    for (const auto* path : {"/Refresh", "/refresh/", "/%52efresh", "/API/login", "/api/LOGIN/"}) {
        SCOPED_TRACE(path);
        EXPECT_EQ(ask("POST", path), "token_missing");
    }
    for (const auto* path : {"/refreshed", "/refresh/x", "/api", "/api/login/x", "/x/refresh"}) {
        SCOPED_TRACE(path);
        EXPECT_EQ(ask("POST", path), "ok") << "only the path itself is taken";
    }
}

TEST_F(Decision, RefusesBadTokensWithTheStatusOfTheContractOrTheRoute)
{
    const std::vector<Field> none;
    const auto expired = token("ann", {}, noon);
    const std::vector<Field> bad = {
        {"Authorization", expired}
    };
    const std::vector<Field> two = {
        {"Authorization", expired},
        {"Authorization", expired}
    };
    EXPECT_EQ(ask("GET", "/required/x", bad), "token_expired");
    EXPECT_EQ(status, 401U);
    auth_settings.contract.bad_access_token = config::BadTokenStatus::forbidden;
    for (const auto& fields : {bad, two}) {
        for (const auto* path : {"/required/x", "/optional/x", "/nowhere"}) {
            SCOPED_TRACE(path);
            (void)ask("GET", path, fields);
            EXPECT_EQ(status, 403U);
        }
    }
    EXPECT_EQ(ask("GET", "/required/x", none), "token_missing");
    EXPECT_EQ(status, 401U) << "none at all is no bad one";
    routes[0].bad_access_token = config::BadTokenStatus::unauthorized;
    (void)ask("GET", "/required/x", bad);
    EXPECT_EQ(status, 401U) << "the route has the last word";
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
    const DecisionRooms rooms{router, authenticator, stale, auth_settings};
    EXPECT_EQ(test::allocations_of([&] { ASSERT_TRUE(decide(rooms, head, noon, scratch)); }), 0U);
}

} // namespace
} // namespace gatehouse::gateway
