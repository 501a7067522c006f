#include "tests/auth/service/passkey_house.hpp"

#include <gmock/gmock.h>

namespace gatehouse::auth {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class PasskeyLogin : public testing::Test {
protected:
    PasskeyLogin() : alice(house.joined("alice"))
    {
        EXPECT_EQ(outcome(house.add(alice, authenticator)), "ok");
    }

    PasskeyHouse house;
    Grant alice;
    SoftwareAuthenticator authenticator;
};

TEST_F(PasskeyLogin, OpensASessionThatSaysHow)
{
    static_cast<void>(house.log.take());
    const auto verified = house.sign_in(authenticator);
    ASSERT_EQ(outcome(verified), "ok");
    EXPECT_EQ(verified->user.username, "alice");
    EXPECT_THAT((*house.store.find_session(verified->session_id))->amr, ElementsAre("pop", "mfa"));
    EXPECT_THAT(house.log.take(), ElementsAre("login ok"));

    authenticator.flags &= ~0x04U; // present, and nobody looked who it was
    const auto touched = house.sign_in(authenticator);
    ASSERT_EQ(outcome(touched), "ok");
    EXPECT_THAT((*house.store.find_session(touched->session_id))->amr, ElementsAre("pop"));
    const auto own = house.calls().list(house.principal(alice));
    ASSERT_EQ(own->size(), 1U);
    EXPECT_EQ(own->front().used_at, house.clock.seconds());
    EXPECT_EQ(own->front().sign_count, 3U);
}

TEST_F(PasskeyLogin, HalfDoneIsVoidOnceThePasskeyIsTakenAway)
{
    authenticator.flags &= ~0x04U;
    const auto codes = house.set_up_second_factor(alice);
    const auto half = house.sign_in(authenticator);
    ASSERT_EQ(outcome(half), "second_factor_required");
    const auto other = house.sign_in(authenticator);
    EXPECT_EQ(outcome(house.go_on(other, codes[0])), "ok");
    const auto who = house.principal(alice);
    ASSERT_EQ(outcome(house.calls().remove(who, authenticator.id, somebody)), "ok");
    EXPECT_EQ(outcome(house.go_on(half, codes[1])), "login_token_invalid");
    EXPECT_EQ(house.second_factors().state(who)->recovery_codes_left, 9U);
}

TEST_F(PasskeyLogin, TakesEveryKindOfKey)
{
    for (const auto algorithm :
         {jose::Algorithm::es256, jose::Algorithm::eddsa, jose::Algorithm::rs256}) {
        SCOPED_TRACE(jose::to_string(algorithm));
        SoftwareAuthenticator another(algorithm);
        another.id = std::string("key for ").append(jose::to_string(algorithm));
        ASSERT_EQ(outcome(house.add(alice, another)), "ok");
        EXPECT_EQ(outcome(house.sign_in(another)), "ok");
    }
}

TEST_F(PasskeyLogin, RefusesWhatDoesNotHoldAndTellsNobodyWhy)
{
    SoftwareAuthenticator thief;
    thief.id = authenticator.id;
    const auto asked = [&] { return house.challenge_to_sign_in(); };

    const struct {
        const char* name;
        std::function<ShownCredential()> show;
        const char* why;
    } cases[] = {
        {"another key under its id",                  [&] { return house.shown(thief, asked()); }, "bad_signature"  },
        {"an id that nobody has",
         [&] {
             auto credential = house.shown(authenticator, asked());
             credential.id = "nobody's";
             return credential;
         },                                                                                        "unknown"        },
        {"a challenge of somebody's own",
         [&] { return house.shown(authenticator, "made up, and long enough to be one"); },
         "wrong_challenge"                                                                                          },
        {"a challenge for registering",
         [&] {
             return house.shown(authenticator,
                                house.challenge_to_register(house.logged_in("alice")));
         },                                                                                        "wrong_challenge"},
        {"an answer to the other question",
         [&] { return house.shown(authenticator, asked(), "webauthn.create"); },                   "wrong_type"     },
        {"a page of another origin",
         [&] {
             auto credential = house.shown(authenticator, asked());
             const auto at = credential.client_data.find("login.example.com");
             credential.client_data.replace(at, 5, "phish");
             return credential;
         },                                                                                        "wrong_origin"   },
        {"the handle of somebody else",
         [&] {
             auto credential = house.shown(authenticator, asked());
             credential.user_handle = "mallory";
             return credential;
         },                                                                                        "wrong_user"     },
        {"no JSON",
         [&] {
             auto credential = house.shown(authenticator, asked());
             credential.client_data = "no";
             return credential;
         },                                                                                        "wrong_challenge"},
        {"a copy of the key, which has counted less",
         [&] {
             auto copy = house.shown(authenticator, asked());
             return copy;
         },                                                                                        "cloned"         },
    };

    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        EXPECT_EQ(outcome(house.use(c.show(), {"192.0.2.77", "", ""})), "invalid_credentials");
        EXPECT_EQ(house.log.last_detail(), std::string("passkey: ") + c.why);
        house.clock.advance(1h); // the next guess is welcome
    }
    EXPECT_EQ(outcome(house.sign_in(authenticator)), "ok") << "and its owner goes in as before";
}

TEST_F(PasskeyLogin, TakesEachChallengeOnceAlsoWhereTheAnswerIsWrong)
{
    ++authenticator.count;
    const auto challenge = house.challenge_to_sign_in();
    const auto good = house.shown(authenticator, challenge);
    auto wrong = good;
    wrong.signature.back() ^= 1;
    EXPECT_EQ(outcome(house.use(wrong)), "invalid_credentials");
    EXPECT_EQ(outcome(house.use(good)), "invalid_credentials") << "used up";

    const auto another = house.shown(authenticator, house.challenge_to_sign_in());
    EXPECT_EQ(outcome(house.use(another)), "ok");
    EXPECT_EQ(outcome(house.use(another)), "invalid_credentials") << "a replay";
}

TEST_F(PasskeyLogin, ReplaysAreRefusedOfKeysThatDoNotCountToo)
{
    SoftwareAuthenticator platform;
    platform.id = "synced";
    platform.count = 0;
    ASSERT_EQ(outcome(house.add(alice, platform)), "ok");
    const auto answer = house.shown(platform, house.challenge_to_sign_in());
    EXPECT_EQ(outcome(house.use(answer)), "ok");
    EXPECT_EQ(outcome(house.use(answer)), "invalid_credentials");
    EXPECT_EQ(outcome(house.use(house.shown(platform, house.challenge_to_sign_in()))), "ok");
}

TEST_F(PasskeyLogin, ForgetsAChallengeInTime)
{
    ++authenticator.count;
    const auto answer = house.shown(authenticator, house.challenge_to_sign_in());
    house.clock.advance(5min);
    EXPECT_EQ(outcome(house.use(answer)), "invalid_credentials");
    const auto quick = house.shown(authenticator, house.challenge_to_sign_in());
    house.clock.advance(5min - 1s);
    EXPECT_EQ(outcome(house.use(quick)), "ok");
}

TEST_F(PasskeyLogin, LetsNobodyInWhoIsBlockedOrGone)
{
    ASSERT_TRUE(house.store.block_user(alice.user.id, house.clock.now()));
    EXPECT_EQ(outcome(house.sign_in(authenticator)), "account_blocked");
    ASSERT_TRUE(house.store.unblock_user(alice.user.id, house.clock.now()));
    EXPECT_EQ(outcome(house.sign_in(authenticator)), "ok");
    ASSERT_TRUE(house.store.delete_user(alice.user.id, house.clock.now()));
    EXPECT_EQ(outcome(house.sign_in(authenticator)), "invalid_credentials");
}

TEST_F(PasskeyLogin, EndsWhereThePasskeyWasDeletedMeanwhile)
{
    house.store.before_create_session([&] {
        const auto& id = alice.user.id;
        ASSERT_TRUE(house.store.delete_passkey(authenticator.id, id, house.clock.now()));
    });
    EXPECT_EQ(outcome(house.sign_in(authenticator)), "invalid_credentials");
    EXPECT_EQ(house.store.list_sessions(alice.user.id, house.clock.seconds())->size(), 1U);
}

/// Another use of the same key always comes a moment before.
class RacingStore : public MemoryStore {
public:
    Result<bool, StoreError> use_passkey(std::string_view id, const passkeys::UsedCredential& used,
                                         Seconds at) override
    {
        EXPECT_TRUE(*MemoryStore::use_passkey(id, used, at));
        return MemoryStore::use_passkey(id, used, at);
    }
};

TEST_F(PasskeyLogin, OfTwoUsesThatCountedTheSameOneIsACopy)
{
    RacingStore store;
    const auto id = alice.user.id;
    ASSERT_TRUE(store.create_user(**house.store.find_user(id), {}, house.clock.now()));
    ASSERT_TRUE(
        store.create_passkey(**house.store.find_passkey(authenticator.id), 10, house.clock.now()));
    AuthService service({store, *house.keys, house.revocations, house.hasher, house.throttle,
                         house.clock, house.log, nullptr, nullptr},
                        house.settings);
    ++authenticator.count;
    const auto answer = house.shown(authenticator, house.challenge_to_sign_in());
    EXPECT_EQ(outcome(AuthService::Passkeys(service).finish_login(answer, {}, somebody)),
              "invalid_credentials");
    EXPECT_EQ(house.log.last_detail(), "passkey: cloned");
}

TEST_F(PasskeyLogin, FailuresWaitByAddressAndKeepNobodyElseOut)
{
    const Caller attacker{"198.51.100.7", "", ""};
    std::string last;
    for (int i = 0; i < 8; ++i) {
        auto wrong = house.shown(authenticator, house.challenge_to_sign_in());
        wrong.signature.back() ^= 1;
        last = outcome(house.use(wrong, attacker));
    }
    EXPECT_EQ(last, "too_many_attempts");
    EXPECT_EQ(outcome(house.sign_in(authenticator)), "ok") << "from elsewhere";
    EXPECT_EQ(outcome(house.login("alice")), "ok") << "with a password too";
}

TEST_F(PasskeyLogin, GoesByTheRulesOfSessions)
{
    auto settings = settings_with_passkeys();
    settings.sessions.max_per_user = 1;
    settings.sessions.when_full = config::WhenFull::refuse;
    PasskeyHouse full(settings);
    const auto bob = full.joined("bob");
    SoftwareAuthenticator key;
    ASSERT_EQ(outcome(full.add(bob, key)), "ok");
    EXPECT_EQ(outcome(full.sign_in(key)), "too_many_sessions");
}

TEST_F(PasskeyLogin, AsksForVerificationWhereThatIsWanted)
{
    auto settings = settings_with_passkeys();
    settings.passkeys.user_verification = config::AuthenticatorWish::required;
    PasskeyHouse strict(settings);
    const auto bob = strict.joined("bob");
    SoftwareAuthenticator key;
    ASSERT_EQ(outcome(strict.add(bob, key)), "ok");
    EXPECT_EQ(strict.calls().begin_login({}, somebody)->user_verification, "required");
    key.flags = 0x01;
    EXPECT_EQ(outcome(strict.sign_in(key)), "invalid_credentials");
    key.flags = 0x05;
    EXPECT_EQ(outcome(strict.sign_in(key)), "ok");
}

TEST_F(PasskeyLogin, OptionsDoNotTellWhetherThereIsAnAccount)
{
    house.joined("carol"); // has no passkey
    const auto ids_for = [&](const char* name) {
        std::vector<std::string> ids;
        const auto options = house.calls().begin_login({name, {}}, somebody);
        EXPECT_EQ(outcome(options), "ok");
        for (const auto& each : options->allow) ids.push_back(each.id);
        return ids;
    };
    EXPECT_THAT(ids_for("alice"), ElementsAre(authenticator.id));
    EXPECT_THAT(ids_for("carol"), Not(IsEmpty()));
    EXPECT_EQ(ids_for("carol"), ids_for("carol")) << "the same every time";
    EXPECT_THAT(ids_for("nobody"), Not(IsEmpty()));
    EXPECT_EQ(ids_for("nobody"), ids_for("NOBODY")) << "names are folded";
    EXPECT_NE(ids_for("nobody"), ids_for("carol"));
    EXPECT_THAT(house.calls().begin_login({}, somebody)->allow, IsEmpty()) << "any will do";
    for (const auto& id : ids_for("nobody")) {
        auto credential = house.shown(authenticator, house.challenge_to_sign_in());
        credential.id = id;
        EXPECT_EQ(outcome(house.use(credential)), "invalid_credentials");
    }

    auto settings = settings_with_passkeys();
    settings.passkeys.resident_key = config::AuthenticatorWish::required;
    PasskeyHouse unnamed(settings);
    const auto bob = unnamed.joined("bob");
    SoftwareAuthenticator key;
    ASSERT_EQ(outcome(unnamed.add(bob, key)), "ok");
    EXPECT_THAT(unnamed.calls().begin_login({"bob", {}}, somebody)->allow, IsEmpty());
}

TEST_F(PasskeyLogin, ASecondNameChangesNothingOfWhichPasskeysAreShown) // R54
{
    house.joined("carol"); // has no passkey
    const auto ids_for = [&](std::optional<std::string> username,
                             std::optional<std::string> email) {
        std::vector<std::string> ids;
        const auto options =
            house.calls().begin_login({std::move(username), std::move(email)}, somebody);
        EXPECT_EQ(outcome(options), "ok");
        for (const auto& each : options->allow) ids.push_back(each.id);
        return ids;
    };
    for (const auto* name : {"alice", "carol", "nobody"}) {
        for (const auto* other : {"alice", "carol", "nobody@example.com"}) {
            SCOPED_TRACE(std::string(name) + " and " + other);
            EXPECT_EQ(ids_for(name, other), ids_for(name, {}));
        }
        EXPECT_EQ(ids_for({}, name), ids_for(name, {}));
    }
}

TEST_F(PasskeyLogin, OptionsHaveALimitOfTheirOwn)
{
    auto settings = settings_with_passkeys();
    settings.throttle.passkey_options_burst = 3;
    PasskeyHouse busy(settings);
    const auto bob = busy.joined("bob");
    for (int i = 0; i < 2; ++i) static_cast<void>(busy.challenge_to_sign_in());
    static_cast<void>(busy.challenge_to_register(bob));
    EXPECT_EQ(outcome(busy.calls().begin_login({}, somebody)), "too_many_attempts");
    EXPECT_EQ(outcome(busy.calls().begin_registration(busy.principal(bob), somebody)),
              "too_many_attempts");
    EXPECT_EQ(outcome(busy.calls().begin_login({}, {"192.0.2.99", "", ""})), "ok");
    EXPECT_EQ(outcome(busy.login("bob")), "ok");
}

TEST_F(PasskeyLogin, IsNotThereWithoutADomain)
{
    PasskeyHouse without(quick_settings());
    const auto bob = without.joined("bob");
    auto calls = without.calls();
    const auto who = without.principal(bob);
    EXPECT_EQ(outcome(calls.begin_registration(who, somebody)), "not_configured");
    EXPECT_EQ(outcome(calls.finish_registration(who, {}, {}, somebody)), "not_configured");
    EXPECT_EQ(outcome(calls.begin_login({}, somebody)), "not_configured");
    EXPECT_EQ(outcome(calls.finish_login({}, {}, somebody)), "not_configured");
    EXPECT_EQ(outcome(calls.list(who)), "not_configured");
    EXPECT_EQ(outcome(calls.rename(who, "id", "name", somebody)), "not_configured");
    EXPECT_EQ(outcome(calls.remove(who, "id", somebody)), "not_configured");
}

} // namespace
} // namespace gatehouse::auth
