#include "tests/auth/service/passkey_house.hpp"

#include <gmock/gmock.h>

namespace gatehouse::auth {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

class OwnPasskeys : public testing::Test {
protected:
    [[nodiscard]] std::vector<std::string> names_of(const Grant& grant)
    {
        std::vector<std::string> names;
        const auto own = house.calls().list(house.principal(grant));
        for (const auto& each : *own) names.push_back(each.name);
        return names;
    }

    PasskeyHouse house;
    Grant alice = house.joined("alice");
    Grant mallory = house.joined("mallory");
    SoftwareAuthenticator authenticator;
};

TEST_F(OwnPasskeys, AreMadeForTheBearer)
{
    const auto options = house.calls().begin_registration(house.principal(alice), somebody);
    ASSERT_EQ(outcome(options), "ok");
    EXPECT_EQ(options->rp_id, "example.com");
    EXPECT_EQ(options->rp_name, "Example");
    EXPECT_EQ(options->user_handle, alice.user.id);
    EXPECT_EQ(options->user_name, "alice");
    EXPECT_EQ(options->resident_key, "preferred");
    EXPECT_THAT(options->exclude, IsEmpty());
    static_cast<void>(house.log.take());
    authenticator.flags = 0x5d; // can be backed up, and is
    const auto added = house.add(alice, authenticator, "Phone");
    ASSERT_EQ(outcome(added), "ok");
    EXPECT_EQ(added->user_id, alice.user.id);
    EXPECT_EQ(added->name, "Phone");
    EXPECT_TRUE(added->backed_up);
    EXPECT_THAT(added->transports, ElementsAre("internal"));
    EXPECT_THAT(house.log.take(), ElementsAre("passkey_add ok"));
    EXPECT_EQ(*house.store.find_passkey(authenticator.id), *added);

    const auto again = house.calls().begin_registration(house.principal(alice), somebody);
    ASSERT_EQ(again->exclude.size(), 1U) << "no authenticator makes a second one";
    EXPECT_EQ(again->exclude.front().id, authenticator.id);
    EXPECT_NE(again->challenge, options->challenge);
    const auto copy = house.service.copy_account(house.principal(alice));
    ASSERT_EQ(copy->passkeys.size(), 1U);
}

TEST_F(OwnPasskeys, AreRefusedWhereSomethingDoesNotFit)
{
    SoftwareAuthenticator taken;
    taken.id = "taken already";
    ASSERT_EQ(outcome(house.add(mallory, taken)), "ok");
    const auto open = [&] { return house.challenge_to_register(alice); };

    const struct {
        const char* name;
        std::function<MadeCredential()> make;
    } cases[] = {
        {"a challenge for somebody else",
         [&] { return house.made(authenticator, house.challenge_to_register(mallory)); }  },
        {"a challenge for signing in",
         [&] { return house.made(authenticator, house.challenge_to_sign_in()); }          },
        {"a challenge that was open too long",
         [&] {
             auto made = house.made(authenticator, open());
             house.clock.advance(5min);
             return made;
         }                                                                                },
        {"an id other than the authenticator's",
         [&] {
             auto made = house.made(authenticator, open());
             made.id = "another";
             return made;
         }                                                                                },
        {"an id that somebody has",              [&] { return house.made(taken, open()); }},
        {"no attestation",
         [&] {
             auto made = house.made(authenticator, open());
             made.attestation_object = "no";
             return made;
         }                                                                                },
    };

    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto made = c.make();
        const auto kept =
            house.calls().finish_registration(house.principal(alice), made, {}, somebody);
        EXPECT_EQ(outcome(kept), "passkey_invalid");
        EXPECT_THAT(house.log.take(), Contains("passkey_add passkey_invalid"));
    }
    EXPECT_THAT(names_of(alice), IsEmpty());
}

TEST_F(OwnPasskeys, AreMadeOncePerChallenge)
{
    const auto challenge = house.challenge_to_register(alice);
    auto wrong = house.made(authenticator, challenge);
    wrong.id = "another";
    const auto who = house.principal(alice);
    EXPECT_EQ(outcome(house.calls().finish_registration(who, wrong, {}, somebody)),
              "passkey_invalid");
    const auto right = house.made(authenticator, challenge);
    EXPECT_EQ(outcome(house.calls().finish_registration(who, right, {}, somebody)),
              "passkey_invalid");
    EXPECT_EQ(outcome(house.add(alice, authenticator)), "ok");
}

TEST_F(OwnPasskeys, AreMadeSoonAfterALogin)
{
    auto who = house.principal(alice);
    house.clock.advance(15min);
    EXPECT_EQ(outcome(house.calls().begin_registration(who, somebody)), "ok");
    house.clock.advance(1s);
    EXPECT_EQ(outcome(house.calls().begin_registration(who, somebody)),
              "insufficient_user_authentication");
    who.auth_time.reset();
    EXPECT_EQ(outcome(house.calls().begin_registration(who, somebody)),
              "insufficient_user_authentication");

    auto settings = settings_with_passkeys();
    settings.passkeys.max_auth_age = 0s;
    PasskeyHouse trusting(settings);
    who = trusting.principal(trusting.joined("bob"));
    who.auth_time.reset();
    EXPECT_EQ(outcome(trusting.calls().begin_registration(who, somebody)), "ok");
}

TEST_F(OwnPasskeys, AreNotMadeForWhoeverWasSignedOutMeanwhile)
{
    const auto made = house.made(authenticator, house.challenge_to_register(alice));
    const auto who = house.principal(alice);
    ASSERT_TRUE(house.service.logout(who, somebody));
    EXPECT_EQ(outcome(house.calls().finish_registration(who, made, {}, somebody)), "token_revoked");
    EXPECT_THAT(*house.store.passkeys_of(alice.user.id), IsEmpty());
}

TEST_F(OwnPasskeys, AreOnlySoMany)
{
    auto settings = settings_with_passkeys();
    settings.passkeys.max_per_user = 2;
    PasskeyHouse small(settings);
    const auto bob = small.joined("bob");
    SoftwareAuthenticator keys[3];
    for (int i = 0; i < 3; ++i) keys[i].id = std::string("key ") + std::to_string(i);
    const auto last = small.challenge_to_register(bob);
    ASSERT_EQ(outcome(small.add(bob, keys[0])), "ok");
    ASSERT_EQ(outcome(small.add(bob, keys[1])), "ok");
    EXPECT_EQ(outcome(small.calls().begin_registration(small.principal(bob), somebody)),
              "too_many_passkeys");
    EXPECT_EQ(outcome(small.calls().finish_registration(small.principal(bob),
                                                        small.made(keys[2], last), {}, somebody)),
              "too_many_passkeys");
}

TEST_F(OwnPasskeys, AreNamedByTheirOwner)
{
    ASSERT_EQ(outcome(house.add(alice, authenticator)), "ok");
    EXPECT_THAT(names_of(alice), ElementsAre("Passkey"));

    const struct {
        const char* name;
        std::string given;
        const char* expected;
    } cases[] = {
        {"usual", "Work laptop", "ok"},
        {"as long as it may be", std::string(64, 'x'), "ok"},
        {"longer", std::string(65, 'x'), "invalid_fields"},
        {"empty", "", "invalid_fields"},
        {"blanks", "   ", "invalid_fields"},
        {"a line end", "a\nb", "invalid_fields"},
        {"a NUL", std::string("a\0b", 3), "invalid_fields"},
        {"turned around", "a\u202eb", "invalid_fields"},
        {"no UTF-8", "a\xff", "invalid_fields"},
        {"letters of the world", "M\u00fcnchen \u6771\u4eac", "ok"},
    };

    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto who = house.principal(alice);
        const auto renamed = house.calls().rename(who, authenticator.id, c.given, somebody);
        EXPECT_EQ(outcome(renamed), c.expected);
        if (renamed) {
            EXPECT_THAT(names_of(alice), ElementsAre(c.given));
        }
        SoftwareAuthenticator another;
        another.id = c.name;
        EXPECT_EQ(outcome(house.add(mallory, another, c.given)), c.expected);
    }
}

TEST_F(OwnPasskeys, ANewNameIsOnRecord)
{
    ASSERT_EQ(outcome(house.add(alice, authenticator)), "ok");
    std::ignore = house.log.take();
    const auto who = house.principal(alice);
    ASSERT_EQ(outcome(house.calls().rename(who, authenticator.id, "Laptop", somebody)), "ok");
    EXPECT_THAT(house.log.take(), ElementsAre("passkey_rename ok"));
    EXPECT_EQ(house.log.last_detail(), jose::encode_base64url(authenticator.id)) << "and no name";
    AuditTrail::AuditFilter renamings;
    renamings.event = "passkey_rename";
    EXPECT_EQ(house.store.read_audit(renamings, {}, 9)->size(), 1U);
}

TEST_F(OwnPasskeys, OfOthersDoNotExist)
{
    ASSERT_EQ(outcome(house.add(alice, authenticator, "mine")), "ok");
    const auto other = house.principal(mallory);
    EXPECT_EQ(outcome(house.calls().rename(other, authenticator.id, "yours", somebody)),
              "not_found");
    EXPECT_EQ(outcome(house.calls().remove(other, authenticator.id, somebody)), "not_found");
    EXPECT_EQ(outcome(house.calls().remove(other, "no such", somebody)), "not_found");
    EXPECT_THAT(names_of(mallory), IsEmpty());
    EXPECT_THAT(names_of(alice), ElementsAre("mine"));
}

TEST_F(OwnPasskeys, AreDeletedButForTheLastWayIn)
{
    SoftwareAuthenticator second;
    second.id = "second";
    ASSERT_EQ(outcome(house.add(alice, authenticator)), "ok");
    ASSERT_EQ(outcome(house.add(alice, second)), "ok");
    const auto who = house.principal(alice);
    EXPECT_EQ(outcome(house.calls().remove(who, second.id, somebody)), "ok");
    EXPECT_EQ(outcome(house.sign_in(second)), "invalid_credentials");
    EXPECT_EQ(outcome(house.calls().remove(who, authenticator.id, somebody)), "ok")
        << "there is a password";

    User none;
    none.id = "without-a-password";
    none.username = none.folded_username = "dave";
    none.created = house.clock.seconds();
    ASSERT_TRUE(house.store.create_user(none, {}, house.clock.now()));
    Passkey only;
    only.id = "only";
    only.user_id = none.id;
    only.created = house.clock.seconds();
    ASSERT_TRUE(house.store.create_passkey(only, 10, house.clock.now()));
    Principal dave;
    dave.user_id = none.id;
    EXPECT_EQ(outcome(house.calls().remove(dave, "only", somebody)), "last_way_in");
    EXPECT_THAT(house.log.take(), Contains("passkey_remove last_way_in"));
}

} // namespace
} // namespace gatehouse::auth
