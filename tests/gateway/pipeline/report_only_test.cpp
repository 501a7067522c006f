// Routes that only report, and routes with a path of their own: what the one decision says.
#include "gateway/headers/treatment.hpp"
#include "gateway/pipeline/lasting.hpp"
#include "tests/gateway/pipeline/decision_fixture.hpp"

namespace gatehouse::gateway::test {
namespace {

class ReportOnly : public DecisionFixture {
protected:
    ReportOnly()
    {
        for (const auto index : {0, 1, 3, 6, 9}) routes[index].report_only = true;
        router = Router{routes};
    }

    /// What it says of the request, and after a blank what it would have said.
    std::string asked(std::string_view target, const std::string& bearer = "")
    {
        std::vector<Field> fields;
        if (!bearer.empty()) fields.push_back({"Authorization", bearer});
        auto answer = ask("GET", target, std::move(fields));
        if (scratch.reported) answer.append(" | ").append(to_string(scratch.reported->code));
        return answer;
    }
};

TEST_F(ReportOnly, LetsEverybodyPassAndSaysWhoWouldNot)
{
    revocations.block("blocked");
    revocations.end_session(auth::Id128::random(), noon + std::chrono::hours(1));
    const auto ann = token("ann");
    const auto forged = ann + "x";
    const auto expired = token("ann", {}, noon);
    const auto key = api_key("kim");

    struct Case {
        const char* name;
        const char* target;
        std::string bearer;
        const char* expected;
    };

    const Case cases[] = {
        {"nobody", "/required/x", "", "ok | token_missing"},
        {"a good token", "/required/x", ann, "ok ann"},
        {"a forged token", "/required/x", forged, "ok | token_invalid"},
        {"an expired token", "/required/x", expired, "ok | token_expired"},
        {"a blocked user", "/required/x", token("blocked"), "ok | token_revoked"},
        {"two words", "/required/x", "Bearer a b", "ok | token_invalid"},
        {"a bad one, optional", "/optional/x", forged, "ok | token_invalid"},
        {"nobody, optional", "/optional/x", "", "ok"},
        {"without the role", "/admin/x", ann, "ok ann | forbidden"},
        {"with the role", "/admin/x", token("eve", {"root"}), "ok eve"},
        {"an API key", "/required/x", key, "ok kim"},
        {"a key where none fits", "/people/x", key, "ok kim | forbidden"},
        {"a route that refuses", "/cors/x", "", "token_missing"},
        {"no route", "/nowhere", "", "token_missing"},
        {"a bad path", "/required/%", "", "bad_request"},
        {"parameters", "/required/x;a", "", "bad_request"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        EXPECT_EQ(asked(c.target, c.bearer), c.expected);
    }
}

TEST_F(ReportOnly, BelievesNoTokenOfAnEndedSession)
{
    const auto bearer = token("ann");
    revocations.end_session(session, noon + std::chrono::hours(1));
    EXPECT_EQ(asked("/required/x", bearer), "ok | token_revoked");
    stale = true;
    session = auth::Id128::random();
    EXPECT_EQ(asked("/stale/x", token("ann")), "ok | store_unavailable");
}

TEST_F(ReportOnly, ForgetsWhatItSaidOfTheLastRequest)
{
    EXPECT_EQ(asked("/required/x"), "ok | token_missing");
    EXPECT_EQ(asked("/required/x", token("ann")), "ok ann");
    EXPECT_EQ(asked("/required/x"), "ok | token_missing");
    EXPECT_EQ(asked("/none/x"), "ok");
}

TEST_F(ReportOnly, CutsNobodyOff)
{
    ASSERT_EQ(asked("/required/x", token("ann")), "ok ann");
    principal = *last.principal;
    last.principal = &principal;
    revocations.block("ann");
    const DecisionRooms rooms{router, authenticator, stale, auth_settings, lease};
    EXPECT_EQ(ended_meanwhile(rooms, last, noon), Ended::no);
}

TEST_F(DecisionFixture, ForwardsThePathThatARouteMakes) // rewrite.judged_again
{
    routes = {route("/new/**", config::AuthMode::required),
              route("/bad/**", config::AuthMode::none)};
    routes[0].rewrite = "/v2/{rest}";
    routes[1].rewrite = "/.{rest}";
    config::Settings settings;
    settings.routes = routes;
    const auto treatments = treatments_of(settings, HeaderPolicy{settings});
    router = Router{routes, treatments};
    EXPECT_EQ(ask("GET", "/new/a?b=/../c"), "token_missing");
    EXPECT_EQ(ask("GET", "/new/./%61%20?b=/../c",
                  {
                      {"Authorization", token("ann")}
    }),
              "ok ann");
    EXPECT_EQ(last.path, "/new/a%20");
    EXPECT_EQ(last.rewritten, "/v2/a%20");
    EXPECT_EQ(last.query, "?b=/../c");
    EXPECT_EQ(scratch.judged_path, "/new/a%20");
    EXPECT_EQ(ask("GET", "/bad/"), "bad_request");
    EXPECT_EQ(reason, "rewritten path");
    EXPECT_EQ(ask("GET", "/bad/a"), "ok");
    EXPECT_EQ(last.rewritten, "/.a");
}

} // namespace
} // namespace gatehouse::gateway::test
