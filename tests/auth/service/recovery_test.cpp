#include "auth/mail/link_token.hpp"
#include "tests/auth/service/auth_fixture.hpp"

#include <gmock/gmock.h>

namespace gatehouse::auth {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

config::Settings with_mail(bool require_verified = false)
{
    auto settings = quick_settings();
    settings.mail.smtp = "smtp://127.0.0.1:1";
    settings.mail.from = "no-reply@example.com";
    settings.mail.public_url = "https://app.example.com";
    settings.require_verified_email = require_verified;
    return settings;
}

class RecoveryTest : public testing::Test {
protected:
    Result<Grant, AuthError> join(House& at, const std::string& address = "Ada@example.com",
                                  std::optional<std::string> username = "ada")
    {
        Registration registration;
        registration.credentials.username = std::move(username);
        registration.credentials.email = address;
        registration.credentials.password = Secret("correct horse");
        return at.service.register_user(registration, somebody, at.place());
    }

    /// What waits in the store once the desk is empty, in the order of sending.
    std::vector<std::string> queued(House& at)
    {
        while (at.mails.work(at.settings.mail, 0ms) == MailDesk::Work::done) {
        }
        std::vector<std::string> all;
        const auto later = at.clock.now() + 1h;
        while (auto mail = *at.store.take_mail(later, later + 1h)) {
            all.push_back(std::to_string(static_cast<int>(mail->kind)) + " " + mail->address);
            EXPECT_TRUE(*at.store.remove_mail(mail->id, mail->attempts));
        }
        return all;
    }

    /// A link as the sender makes one.
    Secret link(House& at, const std::string& user_id,
                LinkPurpose purpose = LinkPurpose::reset_password,
                const std::string& address = "ada@example.com")
    {
        auto token = make_link_token();
        EXPECT_TRUE(at.store.keep_link(
            {*link_digest(token.reveal()), purpose, user_id, address, at.clock.seconds() + 30min}));
        return token;
    }

    std::string reset(House& at, const Secret& token, const std::string& password = "another horse")
    {
        return outcome(at.service.reset_password(token, Secret(password), somebody, at.place()));
    }

    House house{with_mail()};
};

TEST_F(RecoveryTest, ARequestLooksNobodyUpAndTheMailComesLater)
{
    ASSERT_TRUE(join(house));
    EXPECT_THAT(queued(house), ElementsAre("2 Ada@example.com"));
    // Not even a store that is away can be told from a name that nobody has.
    house.store.down = true;
    for (const auto* address : {"ada@EXAMPLE.com", "nobody@example.com", "ada@example.com"})
        EXPECT_EQ(outcome(house.service.forgot_password(address, somebody)), "ok");
    EXPECT_EQ(house.mails.work(house.settings.mail, 0ms), MailDesk::Work::store_away);
    house.store.down = false;
    // One of a kind waits, to the address as its owner wrote it, and never as it was typed.
    EXPECT_THAT(queued(house), ElementsAre("1 Ada@example.com"));
    EXPECT_EQ(house.mails.counts().held_back, 1U);
    EXPECT_EQ(outcome(house.service.forgot_password("ada", somebody)), "invalid_fields");
}

TEST_F(RecoveryTest, NobodyElseGetsAMail)
{
    const auto grant = join(house);
    house.joined("eve"); // without an address
    EXPECT_THAT(queued(house), ElementsAre("2 Ada@example.com"));
    ASSERT_TRUE(house.store.block_user(grant->user.id, house.clock.now()));
    for (const auto* address : {"ada@example.com", "eve@example.com"})
        EXPECT_EQ(outcome(house.service.forgot_password(address, somebody)), "ok");
    EXPECT_THAT(queued(house), IsEmpty());
}

TEST_F(RecoveryTest, AnAccountGetsSoManyMailsAndAnAddressAsksForSoMany)
{
    ASSERT_TRUE(join(house));
    queued(house);
    std::size_t sent = 0;
    for (int i = 0; i < 8; ++i) {
        EXPECT_EQ(outcome(house.service.forgot_password("ada@example.com", somebody)), "ok");
        sent += queued(house).size();
    }
    EXPECT_EQ(sent, 5U);
    for (int i = 8; i < 60; ++i)
        EXPECT_EQ(outcome(house.service.forgot_password("x@example.com", somebody)), "ok");
    EXPECT_EQ(outcome(house.service.forgot_password("x@example.com", somebody)),
              "too_many_attempts");
    const Caller elsewhere{"192.0.2.77", "", ""};
    EXPECT_EQ(outcome(house.service.forgot_password("x@example.com", elsewhere)), "ok");
}

TEST_F(RecoveryTest, TheDeskHasSoMuchRoom)
{
    for (std::size_t i = 0; i < MailDesk::most_wishes; ++i) {
        MailWish wish;
        wish.name = "nobody@example.com";
        ASSERT_TRUE(house.mails.leave(std::move(wish)));
    }
    EXPECT_EQ(outcome(house.service.forgot_password("ada@example.com", somebody)), "overloaded");
    EXPECT_EQ(house.mails.counts().dropped, 1U);
}

TEST_F(RecoveryTest, AResetEndsEverySessionAndIsToldByMail)
{
    const auto grant = join(house);
    queued(house);
    static_cast<void>(house.log.take());
    const auto token = link(house, grant->user.id);
    EXPECT_EQ(reset(house, token, "short"), "invalid_fields");
    EXPECT_EQ(reset(house, token, "ada@example.com"), "invalid_fields"); // the own name
    EXPECT_TRUE(house.identify(grant->access_token));
    EXPECT_EQ(reset(house, token), "ok");
    EXPECT_FALSE(house.identify(grant->access_token));
    EXPECT_EQ(outcome(house.refresh(grant->refresh_token)), "refresh_token_revoked");
    EXPECT_EQ(outcome(house.login("ada", "correct horse")), "invalid_credentials");
    EXPECT_EQ(outcome(house.login("ada", "another horse")), "ok");
    EXPECT_EQ(reset(house, token), "link_invalid");
    EXPECT_THAT(queued(house), ElementsAre("3 Ada@example.com"));
    EXPECT_THAT(house.log.take(),
                testing::IsSupersetOf({"password_reset ok", "password_reset link_invalid"}));
    EXPECT_EQ(house.log.everything().find(std::string(token.reveal())), std::string::npos);
}

TEST_F(RecoveryTest, ALinkThatIsNoneOpensNothing)
{
    const auto grant = join(house);
    const auto verify = link(house, grant->user.id, LinkPurpose::verify_email);
    const auto old = link(house, grant->user.id, LinkPurpose::reset_password, "old@example.com");
    EXPECT_EQ(reset(house, Secret("")), "link_invalid");
    EXPECT_EQ(reset(house, make_link_token()), "link_invalid");
    EXPECT_EQ(reset(house, verify), "link_invalid");
    EXPECT_EQ(reset(house, old), "link_invalid");
    EXPECT_EQ(outcome(house.service.check_reset_link(verify, somebody)), "link_invalid");
    const auto late = link(house, grant->user.id);
    house.clock.advance(30min);
    EXPECT_EQ(reset(house, late), "link_invalid");
    EXPECT_EQ(outcome(house.service.verify_email(late, somebody)), "link_invalid");
}

TEST_F(RecoveryTest, AnotherAddressIsToldAndAsked)
{
    const auto grant = join(house);
    queued(house);
    OtherNames names;
    names.email.emplace("countess@example.com");
    names.current_password = Secret("correct horse");
    const auto profile =
        house.service.change_names(house.principal(*grant), names, somebody, house.place());
    ASSERT_TRUE(profile);
    EXPECT_EQ(profile->email_verified, false);
    EXPECT_THAT(queued(house),
                testing::UnorderedElementsAre("4 Ada@example.com", "2 countess@example.com"));
    OtherNames username;
    username.username.emplace("countess");
    username.current_password = Secret("correct horse");
    ASSERT_TRUE(
        house.service.change_names(house.principal(*grant), username, somebody, house.place()));
    EXPECT_THAT(queued(house), IsEmpty());
}

TEST_F(RecoveryTest, WhoHasToVerifyFirstGetsNoSessionUntilThen)
{
    House strict{with_mail(true)};
    EXPECT_EQ(outcome(join(strict)), "email_unverified");
    EXPECT_THAT(queued(strict), ElementsAre("2 Ada@example.com"));
    EXPECT_EQ(outcome(strict.login("ada", "wrong horse")), "invalid_credentials");
    EXPECT_EQ(outcome(strict.login("ada")), "email_unverified");
    EXPECT_THAT(queued(strict), ElementsAre("2 Ada@example.com"));
    EXPECT_EQ(outcome(strict.register_user("bob")), "invalid_fields"); // no address
    const auto user = *strict.store.find_user_by_name("ada");
    const auto token = link(strict, user->id, LinkPurpose::verify_email);
    EXPECT_EQ(outcome(strict.service.verify_email(token, somebody)), "ok");
    EXPECT_EQ(outcome(strict.service.verify_email(token, somebody)), "link_invalid");
    EXPECT_EQ(outcome(strict.login("ada")), "ok");
}

TEST_F(RecoveryTest, WithoutAServerNothingIsSent)
{
    House plain;
    const auto grant = join(plain);
    EXPECT_EQ(outcome(plain.service.forgot_password("ada@example.com", somebody)),
              "not_configured");
    EXPECT_EQ(outcome(plain.service.send_verification(plain.principal(*grant), somebody)),
              "not_configured");
    EXPECT_THAT(queued(plain), IsEmpty());
    EXPECT_EQ(plain.service.me(plain.principal(*grant))->email_verified, false);
    EXPECT_FALSE(plain.service.me(plain.principal(plain.joined("bob")))->email_verified);
}

} // namespace
} // namespace gatehouse::auth
