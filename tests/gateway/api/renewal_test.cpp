// Sessions renewed for requests on their way, by the auth API's side.
#include "auth/tokens/csrf_token.hpp"
#include "tests/gateway/api/api_fixture.hpp"

#include <gmock/gmock.h>

namespace gatehouse::gateway::test {
namespace {

config::Settings with_session_cookies()
{
    auto settings = auth::quick_settings();
    settings.auth.session_cookies = true;
    settings.auth.delivery = config::Delivery::cookie;
    settings.tokens.access_ttl = 1min;
    return settings;
}

class RenewalTest : public ApiTest {
protected:
    RenewalTest() : ApiTest(with_session_cookies()) {}

    [[nodiscard]] static Renewal with(const Secret& token)
    {
        Renewal renewal;
        renewal.refresh_token = token.reveal();
        return renewal;
    }

    /// All of them at once.
    [[nodiscard]] std::vector<Renewed> renew_all(const std::vector<Renewal>& renewals)
    {
        LocalRequest request;
        request.client_address = "192.0.2.7";
        std::vector<Renewed> all(renewals.size());
        boost::asio::io_context io;
        for (std::size_t i = 0; i < renewals.size(); ++i) {
            auto renewing = [this, &request, &renewals, &all, i]() -> Task<void> {
                auto pending = api.renew(renewals[i], request);
                all[i] = co_await std::move(pending);
            };
            boost::asio::co_spawn(io.get_executor(), renewing, [](const std::exception_ptr& e) {
                EXPECT_FALSE(e) << "an exception crossed the auth API";
            });
        }
        io.run();
        return all;
    }

    [[nodiscard]] Renewed renew(const Renewal& renewal) { return renew_all({renewal}).front(); }

    /// "renewed", or the refusal, with "cleared" behind it where the cookies go.
    [[nodiscard]] static std::string outcome_of_renewal(const Renewed& renewed)
    {
        std::string text = "renewed";
        if (renewed.refusal) {
            text = std::to_string(status_of(*renewed.refusal)) + " " +
                   std::string(to_string(renewed.refusal->code));
        }
        if (renewed.refusal && !renewed.fields.empty()) {
            EXPECT_EQ(renewed.fields.size(), 3U);
            for (const auto& [name, value] : renewed.fields) {
                EXPECT_THAT(value, testing::MatchesRegex("[a-z_]+=; .*Path=/; Max-Age=0"));
            }
            text += " cleared";
        }
        return text;
    }

    [[nodiscard]] std::string outcome_of_renewing(const Renewal& renewal)
    {
        return outcome_of_renewal(renew(renewal));
    }

    /// The refresh token among the cookies of an answer.
    [[nodiscard]] static Secret next(const Renewed& renewed)
    {
        const auto& value = renewed.fields.at(0).second;
        EXPECT_THAT(value, testing::StartsWith("refresh_token="));
        return Secret(value.substr(14, value.find(';') - 14));
    }

    const auth::Grant first = house.joined("ann");
};

TEST_F(RenewalTest, BringsAPairAndItsCookies)
{
    const auto renewed = renew(with(first.refresh_token));
    ASSERT_FALSE(renewed.refusal);
    const auto principal = house.identify(renewed.access_token);
    ASSERT_TRUE(principal);
    EXPECT_EQ(principal->session_id, first.session_id);
    ASSERT_EQ(renewed.fields.size(), 3U);
    EXPECT_THAT(renewed.fields[0].second,
                testing::MatchesRegex("refresh_token=eyJ[^;]*; HttpOnly; Secure; SameSite=Strict; "
                                      "Path=/; Max-Age=[0-9]+"));
    EXPECT_THAT(renewed.fields[1].second,
                testing::MatchesRegex("access_token=eyJ[^;]*; HttpOnly; Secure; SameSite=Strict; "
                                      "Path=/; Max-Age=60"));
    EXPECT_THAT(renewed.fields[2].second,
                testing::MatchesRegex("csrf_token=[^;]{43}; Secure; SameSite=Strict; "
                                      "Path=/; Max-Age=[0-9]+"));
    const auto listed = house.service.list_sessions(*principal);
    ASSERT_TRUE(listed);
    EXPECT_EQ(listed->front().address, "192.0.2.7");
}

TEST_F(RenewalTest, IsOneForAllThatWaitAndTheSameForWhoComesLate)
{
    const auto all = renew_all(std::vector<Renewal>(32, with(first.refresh_token)));
    const auto second = next(all.front());
    auth::Grant exchanged;
    exchanged.refresh_token = second;
    EXPECT_EQ(house.claims(exchanged).generation, house.claims(first).generation + 1);
    for (const auto& each : all) {
        ASSERT_EQ(outcome_of_renewal(each), "renewed");
        EXPECT_EQ(next(each).reveal(), second.reveal());
    }
    const auto late = renew(with(first.refresh_token));
    ASSERT_EQ(outcome_of_renewal(late), "renewed") << "a straggler, no thief";
    EXPECT_EQ(next(late).reveal(), second.reveal());
    EXPECT_EQ(outcome_of_renewing(with(second)), "renewed");

    house.clock.advance(11s);
    EXPECT_EQ(outcome_of_renewing(with(first.refresh_token)), "401 token_revoked cleared")
        << "long ago: theft";
    EXPECT_EQ(outcome_of_renewing(with(second)), "401 token_revoked cleared");
}

TEST_F(RenewalTest, IsRefusedAsATokenIs)
{
    const auto other = house.logged_in("ann");
    ASSERT_EQ(outcome(post("/auth/logout", refresh_body(other.refresh_token))), "204");
    EXPECT_EQ(outcome_of_renewing(with(other.refresh_token)), "401 token_revoked cleared");
    EXPECT_EQ(outcome_of_renewing(with(Secret("x"))), "401 token_invalid cleared");
    EXPECT_EQ(outcome_of_renewing(with(first.access_token)), "401 token_invalid cleared"); // R35

    house.store.down = true;
    const auto renewed = renew(with(first.refresh_token));
    EXPECT_EQ(outcome_of_renewal(renewed), "503 store_unavailable");
    EXPECT_GT(renewed.refusal->retry_after, 0U);
    house.store.down = false;
    EXPECT_EQ(outcome_of_renewing(with(first.refresh_token)), "renewed") << "nothing was lost";

    const Secret none("x");
    auto renewal = with(none);
    renewal.bad_token = config::BadTokenStatus::forbidden;
    EXPECT_EQ(outcome_of_renewing(renewal), "403 token_invalid cleared");
    house.clock.advance(house.settings.tokens.refresh_ttl);
    EXPECT_EQ(outcome_of_renewing(with(first.refresh_token)), "401 token_expired cleared");
}

TEST_F(RenewalTest, MayNeedAProofOfAnOwnPage)
{
    auto renewal = with(first.refresh_token);
    renewal.needs_proof = true;
    EXPECT_EQ(outcome_of_renewing(renewal), "403 origin_forbidden");
    const auto other = house.logged_in("ann");
    renewal.csrf_token = other.csrf_token;
    EXPECT_EQ(outcome_of_renewing(renewal), "403 origin_forbidden");
    renewal.csrf_token = first.csrf_token;
    EXPECT_EQ(outcome_of_renewing(renewal), "renewed") << "and the token was not spent before";
}

TEST_F(RenewalTest, ALoginSetsAllCookies)
{
    const auto login = ask(post("/auth/login", R"({"username":"ann","password":"correct horse"})"));
    std::string names;
    for (const auto& [name, value] : login.fields) {
        if (name == "Set-Cookie") names += value.substr(0, value.find('=')) + " ";
    }
    EXPECT_EQ(names, "refresh_token access_token csrf_token ");
    const auto by_body = ask(
        post("/auth/login", R"({"username":"ann","password":"correct horse","delivery":"body"})"));
    EXPECT_EQ(field(by_body, "Set-Cookie"), "");
}

} // namespace
} // namespace gatehouse::gateway::test
