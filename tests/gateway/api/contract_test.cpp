// The auth API under contracts of other servers.
#include "tests/gateway/api/api_fixture.hpp"

#include <gmock/gmock.h>

namespace gatehouse::gateway::test {
namespace {

using config::Fill;

const std::string alice = R"({"username":"alice","password":"correct horse"})";

config::Settings of_express()
{
    auto settings = auth::quick_settings();
    auto& contract = settings.auth.contract;
    const config::Shape pair{
        {{"accessToken", Fill::access_token}, {"refreshToken", Fill::refresh_token}}
    };
    contract.registration.success = 200;
    contract.registration.answer = contract.login.answer = contract.refresh.answer = pair;
    contract.registration.invalid = 400;
    contract.registration.name_taken = 400;
    contract.login.invalid = 400;
    contract.login.unknown_user = 404;
    contract.refresh.missing_token = contract.refresh.bad_token = 401;
    contract.logout.bad_token = 401;
    return settings;
}

class ExpressContract : public ApiTest {
protected:
    ExpressContract() : ApiTest(of_express()) {}
};

TEST_F(ExpressContract, AnswersWithTheDrawnBodyAndStatus)
{
    const auto response = ask(post("/auth/register", alice));
    EXPECT_EQ(response.status, 200U);
    EXPECT_THAT(response.body,
                testing::MatchesRegex(R"(\{"accessToken":"eyJ[^"]*","refreshToken":"eyJ[^"]*"\})"));
    EXPECT_FALSE(response.user_id.empty()) << "the access log knows who it was";
}

TEST_F(ExpressContract, RefusesWithItsStatuses)
{
    const auto grant = house.joined("alice");
    const auto after = house.joined("bob");
    ASSERT_EQ(outcome(post("/auth/logout", refresh_body(after.refresh_token))), "204");
    const std::pair<Ask, const char*> asks[] = {
        {post("/auth/register", R"({"username":"a","password":"x"})"), "400 invalid_fields"},
        {post("/auth/register", alice), "400 name_taken"},
        {post("/auth/login", R"({"username":"alice"})"), "400 invalid_fields"},
        {post("/auth/login", R"({"username":"alice","password":"not this"})"),
         "401 invalid_credentials"},
        {post("/auth/login", R"({"username":"nobody","password":"not this"})"), "404 not_found"},
        {post("/auth/refresh-token"), "401 bad_request"},
        {post("/auth/refresh-token", R"({"refreshToken":"x"})"), "401 refresh_token_invalid"},
        {post("/auth/refresh-token", refresh_body(after.refresh_token)),
         "401 refresh_token_revoked"},
        {post("/auth/logout", R"({"refreshToken":"x"})"), "401 refresh_token_invalid"},
        {post("/auth/logout"), "400 bad_request"},
        {post("/auth/refresh-token", refresh_body(grant.refresh_token)), "200"},
    };
    for (const auto& [asked, expected] : asks) {
        SCOPED_TRACE(asked.path + " " + asked.body);
        EXPECT_EQ(outcome(asked), expected);
    }
}

TEST_F(ApiTest, TellsNoNamesApartWithoutAContractThatSaysSo)
{
    (void)house.joined("alice");
    EXPECT_EQ(outcome(post("/auth/login", R"({"username":"alice","password":"not this"})")),
              outcome(post("/auth/login", R"({"username":"nobody","password":"not this"})")));
}

} // namespace
} // namespace gatehouse::gateway::test
