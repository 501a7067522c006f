// Setting up a second factor, and what a login is then.
#include "auth_fixture.hpp"

#include <gmock/gmock.h>

namespace gatehouse::auth {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

const Secret password("correct horse");

class SecondFactors : public testing::Test {
protected:
    [[nodiscard]] std::string begin(const Secret& current = password)
    {
        return outcome(house.second_factors().begin_totp(who, current, somebody, house.place()));
    }

    [[nodiscard]] std::string confirm(const Secret& code)
    {
        return outcome(house.second_factors().confirm_totp(who, code, somebody));
    }

    [[nodiscard]] std::string remove(const Secret& current, const Secret& code)
    {
        return outcome(
            house.second_factors().remove_totp(who, current, code, somebody, house.place()));
    }

    [[nodiscard]] Secret code(std::chrono::seconds ahead = 0s)
    {
        return house.app_code(grant.user.id, ahead);
    }

    [[nodiscard]] Result<Grant, AuthError> login() { return house.login("ann"); }

    House house;
    Grant grant = house.joined("ann");
    Principal who = house.principal(grant);
    const Secret wrong{"000000"};
};

TEST_F(SecondFactors, AreSetUpWithThePasswordAndACode)
{
    const auto begun = house.second_factors().begin_totp(who, password, somebody, house.place());
    ASSERT_EQ(outcome(begun), "ok");
    EXPECT_THAT(std::string(begun->uri.reveal()),
                HasSubstr("otpauth://totp/gatehouse:ann?secret=" +
                          std::string(begun->secret.reveal()) + "&"));
    EXPECT_THAT(std::string(begun->qr.reveal()), HasSubstr("<svg "));
    EXPECT_EQ(outcome(login()), "ok") << "nothing is in force yet";
    EXPECT_FALSE(house.second_factors().state(who)->totp);

    const auto codes = house.second_factors().confirm_totp(who, code(), somebody);
    ASSERT_EQ(outcome(codes), "ok");
    EXPECT_THAT(*codes, SizeIs(10));
    EXPECT_TRUE(house.second_factors().state(who)->totp);
    EXPECT_EQ(house.second_factors().state(who)->recovery_codes_left, 10U);
    EXPECT_EQ(outcome(login()), "second_factor_required");
    EXPECT_TRUE(house.identify(grant.access_token).has_value()) << "sessions go on";
    EXPECT_THAT(house.log.take(), Contains("second_factor_add ok"));
}

TEST_F(SecondFactors, AreSetUpByNobodyElse)
{
    EXPECT_EQ(begin(Secret("")), "invalid_fields");
    EXPECT_EQ(begin(Secret("a guess")), "invalid_credentials");
    EXPECT_EQ(confirm(wrong), "not_found") << "nothing was begun";
    ASSERT_EQ(begin(), "ok");
    EXPECT_EQ(confirm(Secret("")), "invalid_fields");
    EXPECT_EQ(confirm(wrong), "invalid_code");
    EXPECT_EQ(confirm(Secret("7K3M-Q0ZD-9HXA-C4VT")), "invalid_code") << "there are none yet";
    ASSERT_EQ(confirm(code()), "ok");
    EXPECT_EQ(begin(), "second_factor_active");
    EXPECT_EQ(confirm(code(30s)), "second_factor_active");
}

TEST_F(SecondFactors, AreToBeConfirmedSoon)
{
    ASSERT_EQ(begin(), "ok");
    house.clock.advance(10min);
    EXPECT_EQ(confirm(code()), "not_found");
    ASSERT_EQ(begin(), "ok");
    EXPECT_EQ(confirm(code()), "ok");
}

TEST_F(SecondFactors, AreKeptSealed)
{
    house.set_up_second_factor(grant);
    const auto factor = **house.store.find_second_factor(grant.user.id);
    const auto seal = *house.second_factor_seal.for_opening();
    EXPECT_TRUE(seal.open(factor.sealed, "totp:" + grant.user.id).has_value());
    EXPECT_FALSE(seal.open(factor.sealed, "totp:of-somebody-else").has_value());
}

TEST_F(SecondFactors, MakeALoginOneOfTwoHalves)
{
    house.set_up_second_factor(grant);
    EXPECT_EQ(outcome(house.login("ann", "a guess")), "invalid_credentials") << "as without one";
    const auto half = login();
    ASSERT_TRUE(half.error().next);
    EXPECT_TRUE(half.error().next->has_recovery_codes);
    EXPECT_EQ(half.error().next->life, 5min);
    EXPECT_EQ(outcome(house.go_on(half, wrong)), "invalid_code");
    const auto whole = house.go_on(half, code());
    ASSERT_EQ(outcome(whole), "ok");
    EXPECT_TRUE(house.principal(*whole).shown.code);
    EXPECT_FALSE(who.shown.code);
    const auto session = **house.store.find_session(whole->session_id);
    EXPECT_THAT(session.amr, ElementsAre("pwd", "otp", "mfa"));
    EXPECT_FALSE(whole->device_cookie.empty() && house.settings.throttle.device_cookie);
}

TEST_F(SecondFactors, ACodeIsGoodOnce)
{
    house.set_up_second_factor(grant);
    const auto shown = code();
    EXPECT_EQ(outcome(house.go_on(login(), shown)), "ok");
    EXPECT_EQ(outcome(house.go_on(login(), shown)), "invalid_code");
    EXPECT_EQ(outcome(house.go_on(login(), code(-30s))), "invalid_code") << "nor one before it";
    EXPECT_EQ(outcome(house.go_on(login(), code(30s))), "ok") << "an early one";
    EXPECT_EQ(outcome(house.go_on(login(), code(60s))), "invalid_code") << "too early";
}

TEST_F(SecondFactors, ARecoveryCodeStandsInOnce)
{
    const auto codes = house.set_up_second_factor(grant);
    EXPECT_EQ(outcome(house.go_on(login(), codes[3])), "ok");
    EXPECT_EQ(outcome(house.go_on(login(), codes[3])), "invalid_code");
    std::string sloppy(codes[4].reveal());
    std::erase(sloppy, '-');
    for (auto& each : sloppy) each = static_cast<char>(std::tolower(each));
    EXPECT_EQ(outcome(house.go_on(login(), Secret(sloppy))), "ok");
    EXPECT_EQ(house.second_factors().state(who)->recovery_codes_left, 8U);
    EXPECT_THAT(house.log.take(), Contains("recovery_code_use ok").Times(2));
    EXPECT_THAT(house.log.everything(), Not(HasSubstr(std::string(codes[3].reveal()))));
}

TEST_F(SecondFactors, ALoginTokenIsGoodForOneLogin)
{
    house.set_up_second_factor(grant);
    const auto half = login();
    EXPECT_EQ(outcome(house.go_on(half, code())), "ok");
    EXPECT_EQ(outcome(house.go_on(half, code(30s))), "login_token_invalid");
}

TEST_F(SecondFactors, ASpentLoginTokenTakesNoRecoveryCode)
{
    const auto codes = house.set_up_second_factor(grant);
    const auto half = login();
    EXPECT_EQ(outcome(house.go_on(half, codes[0])), "ok");
    EXPECT_EQ(outcome(house.go_on(half, codes[1])), "login_token_invalid");
    EXPECT_EQ(outcome(house.go_on(half, code(30s))), "login_token_invalid") << "nor an app's code";
    EXPECT_EQ(house.second_factors().state(who)->recovery_codes_left, 9U);
    EXPECT_EQ(outcome(house.go_on(login(), codes[1])), "ok");
}

TEST_F(SecondFactors, ALoginTokenEnds)
{
    house.set_up_second_factor(grant);
    const auto half = login();
    house.clock.advance(5min);
    EXPECT_EQ(outcome(house.go_on(half, code())), "login_token_invalid");
}

TEST_F(SecondFactors, ALoginTokenIsVoidOnceTheAccountIsAnother)
{
    house.set_up_second_factor(grant);
    const auto half = login();
    ASSERT_EQ(outcome(house.admin.block("ann")), "ok");
    EXPECT_EQ(outcome(house.go_on(half, code())), "login_token_invalid");
    ASSERT_EQ(outcome(house.admin.unblock("ann")), "ok");
    ASSERT_EQ(outcome(house.admin.set_password("ann", Secret("another horse"))), "ok");
    EXPECT_EQ(outcome(house.go_on(half, code())), "login_token_invalid");
    const auto fresh = house.login("ann", "another horse");
    EXPECT_EQ(outcome(house.go_on(fresh, code())), "ok") << "and the factor stays";
    ASSERT_EQ(outcome(house.admin.delete_user("ann")), "ok");
    EXPECT_EQ(outcome(house.go_on(fresh, wrong)), "login_token_invalid");
}

TEST_F(SecondFactors, APasswordChangedInTheMiddleOfTheSecondHalfEndsIt)
{
    house.set_up_second_factor(grant);
    const auto half = login();
    house.store.before_create_session([this] {
        static_cast<void>(house.store.set_password(grant.user.id, "another", "", Millis{}));
    });
    EXPECT_EQ(outcome(house.go_on(half, code())), "login_token_invalid");
    EXPECT_THAT(*house.store.list_sessions(grant.user.id, house.clock.seconds()), SizeIs(0));
}

TEST_F(SecondFactors, ABlockInTheMiddleOfTheSecondHalfIsToldAsOne)
{
    house.set_up_second_factor(grant);
    const auto half = login();
    house.store.before_create_session(
        [this] { ASSERT_EQ(outcome(house.admin.block("ann")), "ok"); });
    EXPECT_EQ(outcome(house.go_on(half, code())), "account_blocked");
    EXPECT_THAT(*house.store.list_sessions(grant.user.id, house.clock.seconds()), SizeIs(0));
}

TEST_F(SecondFactors, ALoginTokenWaitsForAnUnblockedUser)
{
    house.set_up_second_factor(grant);
    const auto half = login();
    ASSERT_EQ(outcome(house.admin.block("ann")), "ok");
    EXPECT_EQ(outcome(house.go_on(half, code())), "login_token_invalid");
    ASSERT_EQ(outcome(house.admin.unblock("ann")), "ok");
    EXPECT_EQ(outcome(house.go_on(half, code())), "ok") << "the password still opens the account";
}

TEST_F(SecondFactors, NoOtherTokenIsALoginToken)
{
    house.set_up_second_factor(grant);
    for (const auto& token : {grant.access_token, grant.refresh_token, grant.device_cookie,
                              Secret("x.y.z"), Secret("")}) {
        EXPECT_EQ(outcome(house.second_factors().login_with_code({token, code(), {}}, somebody)),
                  "login_token_invalid");
    }
    const auto half = login();
    const auto token = half.error().next->login_token;
    EXPECT_FALSE(house.identify(token).has_value());
    EXPECT_EQ(outcome(house.refresh(token)), "refresh_token_invalid");
    auto forged = std::string(token.reveal());
    forged[forged.size() - 5] = forged[forged.size() - 5] == 'A' ? 'B' : 'A';
    EXPECT_EQ(
        outcome(house.second_factors().login_with_code({Secret(forged), code(), {}}, somebody)),
        "login_token_invalid");
}

TEST_F(SecondFactors, GuessesAtCodesAreFew)
{
    house.set_up_second_factor(grant);
    const auto half = login();
    int judged = 0;
    for (int i = 0; i < 100; ++i) {
        const auto from = "198.51.100." + std::to_string(i);
        judged += outcome(house.go_on(half, wrong, from)) == "invalid_code";
    }
    EXPECT_EQ(judged, static_cast<int>(house.settings.throttle.account_per_hour));
    EXPECT_EQ(outcome(house.go_on(half, code())), "too_many_attempts");
    EXPECT_EQ(outcome(login()), "second_factor_required") << "the password is another matter";
    house.clock.advance(66min);
    EXPECT_EQ(outcome(house.go_on(login(), code())), "ok");
}

TEST_F(SecondFactors, GoWithThePasswordAndACode)
{
    const auto codes = house.set_up_second_factor(grant);
    EXPECT_EQ(remove(Secret(""), Secret("")), "invalid_fields");
    EXPECT_EQ(remove(Secret("a guess"), code()), "invalid_credentials");
    EXPECT_EQ(remove(password, wrong), "invalid_code");
    EXPECT_EQ(outcome(login()), "second_factor_required");
    EXPECT_EQ(remove(password, code()), "ok") << "the wrong password spent no code";
    EXPECT_EQ(outcome(login()), "ok");
    EXPECT_EQ(remove(password, codes[0]), "not_found");
    EXPECT_THAT(house.log.take(), Contains("second_factor_remove ok"));
}

TEST_F(SecondFactors, GoWhenAnOperatorSaysSo)
{
    house.set_up_second_factor(grant);
    const auto half = login();
    EXPECT_EQ(outcome(house.admin.remove_second_factor("ann")), "ok");
    EXPECT_EQ(outcome(house.go_on(half, Secret("123456"))), "login_token_invalid");
    EXPECT_EQ(outcome(login()), "ok");
    EXPECT_THAT(house.log.take(), Contains("second_factor_remove ok").Times(1));
    EXPECT_EQ(outcome(house.admin.remove_second_factor("ann")), "ok") << "there is none";
    EXPECT_THAT(house.log.take(), Not(Contains("second_factor_remove ok")));
    EXPECT_EQ(outcome(house.admin.remove_second_factor("bob")), "not_found");
}

TEST_F(SecondFactors, NewRecoveryCodesMakeOldOnesVoid)
{
    const auto old = house.set_up_second_factor(grant);
    EXPECT_EQ(outcome(house.second_factors().renew_recovery_codes(who, password, wrong, somebody,
                                                                  house.place())),
              "invalid_code");
    const auto fresh =
        house.second_factors().renew_recovery_codes(who, password, code(), somebody, house.place());
    ASSERT_EQ(outcome(fresh), "ok");
    EXPECT_EQ(outcome(house.go_on(login(), old[0])), "invalid_code");
    EXPECT_EQ(outcome(house.go_on(login(), (*fresh)[0])), "ok");
}

TEST_F(SecondFactors, CodesOfAnotherUserAreNone)
{
    const auto anns = house.set_up_second_factor(grant);
    const auto bob = house.joined("bob");
    house.set_up_second_factor(bob);
    EXPECT_EQ(outcome(house.go_on(house.login("bob"), anns[0])), "invalid_code");
    EXPECT_EQ(outcome(house.go_on(house.login("bob"), code())), "invalid_code");
    EXPECT_EQ(outcome(house.go_on(house.login("bob"), house.app_code(bob.user.id))), "ok");
}

TEST_F(SecondFactors, WhoeverWasSignedOutMeanwhileChangesNothing)
{
    ASSERT_EQ(begin(), "ok");
    ASSERT_EQ(outcome(house.service.logout(who, somebody)), "ok");
    EXPECT_EQ(begin(), "token_revoked");
    EXPECT_EQ(confirm(code()), "token_revoked");
}

TEST_F(SecondFactors, AreAskedForAnotherAddressToWhichResetsWouldGo)
{
    const auto rename = [&](OtherNames names, const Secret& shown) {
        names.current_password = password;
        names.code = shown;
        return outcome(house.service.change_names(who, names, somebody, house.place()));
    };
    OtherNames first;
    first.email = "ann@example.com";
    EXPECT_EQ(rename(first, Secret()), "ok") << "there is none yet";
    house.set_up_second_factor(grant);
    OtherNames other;
    other.email = "eve@example.com";
    EXPECT_EQ(rename(other, Secret()), "invalid_fields");
    EXPECT_EQ(rename(other, wrong), "invalid_code");
    EXPECT_EQ((*house.store.find_user(grant.user.id))->email, "ann@example.com");
    const auto shown = code();
    EXPECT_EQ(rename(other, shown), "ok");
    EXPECT_EQ(rename(first, shown), "invalid_code") << "it was spent";

    OtherNames no_address;
    no_address.email.emplace(std::nullopt);
    no_address.username = "bea";
    EXPECT_EQ(rename(no_address, Secret()), "ok") << "no mail goes anywhere else";
}

TEST_F(SecondFactors, CannotBeSetUpWhereTheyAreOffAndAreAskedForAllTheSame)
{
    house.set_up_second_factor(grant);
    house.settings.second_factor.totp = config::TotpMode::off;
    const auto bob = house.joined("bob");
    EXPECT_EQ(outcome(house.second_factors().begin_totp(house.principal(bob), password, somebody,
                                                        house.place())),
              "not_configured");
    EXPECT_EQ(outcome(house.second_factors().confirm_totp(house.principal(bob), wrong, somebody)),
              "not_configured");
    EXPECT_EQ(outcome(house.go_on(login(), code())), "ok");
}

TEST_F(SecondFactors, AStepUpMakesTheSessionABetterOne)
{
    EXPECT_EQ(outcome(house.second_factors().step_up(who, wrong, somebody)), "not_found");
    house.set_up_second_factor(grant);
    EXPECT_EQ(outcome(house.second_factors().step_up(who, Secret(""), somebody)), "invalid_fields");
    EXPECT_EQ(outcome(house.second_factors().step_up(who, wrong, somebody)), "invalid_code");
    const auto better = house.second_factors().step_up(who, code(), somebody);
    ASSERT_EQ(outcome(better), "ok");
    const auto shown = house.principal(*better);
    EXPECT_TRUE(shown.shown.code);
    EXPECT_EQ(shown.session_id, who.session_id);
    EXPECT_EQ(shown.auth_time, who.auth_time) << "it was no login";
    EXPECT_FALSE(house.principal(grant).shown.code) << "the token from before says what it said";
    const auto refreshed = house.refresh(grant.refresh_token);
    ASSERT_EQ(outcome(refreshed), "ok");
    EXPECT_TRUE(house.principal(*refreshed).shown.code);
    EXPECT_EQ(outcome(house.second_factors().step_up(who, code(30s), somebody)), "ok") << "again";
    EXPECT_THAT((*house.store.find_session(who.session_id))->amr, ElementsAre("pwd", "otp", "mfa"));
    EXPECT_THAT(house.log.take(), Contains("step_up ok"));
}

TEST_F(SecondFactors, AnEndedSessionIsMadeNoBetter)
{
    house.set_up_second_factor(grant);
    ASSERT_EQ(outcome(house.service.logout(who, somebody)), "ok");
    EXPECT_EQ(outcome(house.second_factors().step_up(who, code(), somebody)), "token_revoked");
}

TEST_F(SecondFactors, ASessionThatIsOverByNowIsMadeNoBetter)
{
    house.set_up_second_factor(grant);
    house.settings.sessions.absolute_ttl = 30s; // stricter than when it began, a minute ago
    EXPECT_EQ(outcome(house.second_factors().step_up(who, code(), somebody)), "token_revoked");
}

TEST_F(SecondFactors, AStoreThatIsDownLetsNobodyIn)
{
    house.set_up_second_factor(grant);
    const auto half = login();
    house.store.down = true;
    EXPECT_EQ(outcome(house.go_on(half, code())), "store_unavailable");
    EXPECT_EQ(outcome(house.second_factors().step_up(who, code(), somebody)), "store_unavailable");
    house.store.down = false;
    EXPECT_EQ(outcome(house.go_on(half, code())), "ok");
}

TEST_F(SecondFactors, ASecretThatCannotBeOpenedLetsNobodyInButByARecoveryCode)
{
    const auto codes = house.set_up_second_factor(grant);
    const auto factor = **house.store.find_second_factor(grant.user.id);
    const auto last = code();
    ASSERT_TRUE(*house.store.use_totp(grant.user.id, factor.sealed, factor.last_used + 1, "x", {}));
    EXPECT_EQ(outcome(house.go_on(login(), last)), "store_unavailable");
    EXPECT_EQ(outcome(house.go_on(login(), codes[0])), "ok");
}

} // namespace
} // namespace gatehouse::auth
