#include "tests/gateway/pipeline/decision_fixture.hpp"

namespace gatehouse::gateway::test {
namespace {

class ApiKeyDecision : public DecisionFixture {
protected:
    std::string with(std::string_view target, const std::string& authorization)
    {
        return ask("GET", target,
                   {
                       {"Authorization", authorization}
        });
    }
};

TEST_F(ApiKeyDecision, AKeyIsAsGoodAsATokenByTheSamePolicy)
{
    const auto key = api_key("ann");
    EXPECT_EQ(with("/required/x", key), "ok ann");
    EXPECT_EQ(with("/optional/x", key), "ok ann");
    EXPECT_EQ(with("/none/x", key), "ok");
    EXPECT_EQ(with("/admin/x", key), "forbidden");
    EXPECT_EQ(with("/admin/x", api_key("bob", {"admin"})), "ok bob");
    EXPECT_EQ(with("/nowhere", key), "not_found");
    stale = true;
    EXPECT_EQ(with("/stale/x", key), "store_unavailable");
}

TEST_F(ApiKeyDecision, ABadKeyIsABadToken)
{
    const std::string guess = "Bearer " + std::string(auth::make_api_key().text.reveal());
    for (const auto& bad : {guess, guess.substr(0, guess.size() - 1), std::string("Bearer gh_")}) {
        EXPECT_EQ(with("/required/x", bad), "token_invalid");
        EXPECT_EQ(with("/optional/x", bad), "token_invalid");
        EXPECT_EQ(with("/nowhere", bad), "token_invalid");
        EXPECT_EQ(status, 401U);
        EXPECT_EQ(with("/none/x", bad), "ok");
    }
}

TEST_F(ApiKeyDecision, ARouteMayWantTokensOnly)
{
    const auto key = api_key("ann");
    EXPECT_EQ(with("/people/x", key), "forbidden");
    EXPECT_EQ(status, 403U);
    EXPECT_EQ(with("/maybe-people", key), "forbidden");
    EXPECT_EQ(with("/people/x", token("ann")), "ok ann");
    EXPECT_EQ(ask("GET", "/maybe-people"), "ok");
}

} // namespace
} // namespace gatehouse::gateway::test
