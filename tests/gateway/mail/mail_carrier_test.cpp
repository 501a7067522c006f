#include "auth/mail/link_token.hpp"
#include "auth/store/memory/memory_store.hpp"
#include "gateway/mail/mail_carrier.hpp"
#include "gateway/mail/mail_text.hpp"
#include "gateway/mail/smtp_client.hpp"

#include <gmock/gmock.h>

namespace gatehouse::gateway {
namespace {

using auth::MailKind;
using Fate = MailCarrier::Outcome::Fate;
using Failure = SmtpAnswer::Failure;
using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

class StillClock final : public auth::Clock {
public:
    [[nodiscard]] auth::Millis now() const noexcept override { return at; }

    auth::Millis at{1'800'000'000'000ms};
};

/// One that reads no mail from the store by itself: what was sent is `mails`.
class CarrierTest : public testing::Test {
protected:
    CarrierTest()
    {
        settings.mail.smtp = "smtp://127.0.0.1:1";
        settings.mail.from = "no-reply@example.com";
        settings.mail.public_url = "https://app.example.com";
        auth::User user;
        user.id = "u1";
        user.username = "ada";
        user.email = "Ada@Example.com";
        user.folded_email = "ada@example.com";
        user.created = clock.seconds();
        EXPECT_TRUE(store.create_user(user, {}, clock.now()));
    }

    void queue(MailKind kind, const std::string& address = "Ada@Example.com")
    {
        auth::QueuedMail mail;
        mail.id = "m" + std::to_string(++queued);
        mail.kind = kind;
        mail.user_id = "u1";
        mail.address = address;
        mail.created = clock.seconds();
        mail.expires_at = clock.seconds() + settings.mail.keep_trying;
        mail.next_try = clock.now();
        EXPECT_TRUE(store.queue_mail(mail, 100));
    }

    Fate carry()
    {
        const auto send = [this](const std::string& from, const std::string& to,
                                 const std::string& mail) {
            EXPECT_EQ(from, "no-reply@example.com");
            receivers.push_back(to);
            mails.push_back(mail);
            return answer;
        };
        return carrier.carry(settings, send, [this] { return stopping; }).fate;
    }

    /// The token in the newest mail, which is quoted-printable.
    [[nodiscard]] std::string token() const
    {
        auto mail = mails.back();
        for (auto at = mail.find("=\r\n"); at != mail.npos; at = mail.find("=\r\n"))
            mail.erase(at, 3);
        const auto begin = mail.find("token=3D");
        return begin == mail.npos ? "" : mail.substr(begin + 8, 43);
    }

    [[nodiscard]] bool opens(const std::string& link)
    {
        return store.reset_password(*auth::link_digest(link), "hash", clock.now()).has_value();
    }

    [[nodiscard]] std::uint64_t waiting() { return store.mails_waiting()->mails; }

    config::Settings settings;
    StillClock clock;
    auth::MemoryStore store;
    MailCarrier carrier{store, clock};
    SmtpAnswer answer;
    bool stopping = false;
    int queued = 0;
    std::vector<std::string> receivers;
    std::vector<std::string> mails;
};

TEST_F(CarrierTest, AMailHasALinkThatOpensAndIsGoneOnceSent)
{
    queue(MailKind::reset_password);
    EXPECT_EQ(carry(), Fate::sent);
    EXPECT_EQ(waiting(), 0U);
    EXPECT_EQ(receivers.back(), "Ada@Example.com");
    EXPECT_THAT(mails.back(), HasSubstr("Subject: app.example.com: reset password\r\n"));
    EXPECT_THAT(mails.back(), HasSubstr("https://app.example.com/auth/portal/reset#token"));
    EXPECT_THAT(mails.back(), Not(HasSubstr("ada\r\n"))); // nothing that a stranger chose
    EXPECT_TRUE(opens(token()));
    EXPECT_FALSE(opens(token()));
    EXPECT_EQ(carry(), Fate::nothing_due);
}

TEST_F(CarrierTest, EachTryHasATokenOfItsOwn)
{
    answer = {Failure::connection, 0, "nobody there"};
    queue(MailKind::reset_password);
    EXPECT_EQ(carry(), Fate::again);
    const auto first = token();
    EXPECT_EQ(carry(), Fate::nothing_due);
    clock.at += settings.mail.retry;
    answer = {};
    EXPECT_EQ(carry(), Fate::sent);
    EXPECT_NE(token(), first);
    EXPECT_FALSE(opens(first));
    EXPECT_TRUE(opens(token()));
}

TEST_F(CarrierTest, TriesUntilNobodyWantsItAnyMore)
{
    answer = {Failure::connection, 0, "nobody there"};
    queue(MailKind::verify_email);
    int tries = 0;
    for (; waiting() > 0; clock.at += 1min) tries += carry() == Fate::again;
    EXPECT_EQ(tries, 14); // in four hours
    EXPECT_THAT(clock.at.time_since_epoch(), testing::Lt(1'800'000'000'000ms + 4h + 31min));
}

TEST_F(CarrierTest, WhatTheServerRefusesIsGivenUpAndALoginIsNot)
{
    queue(MailKind::reset_password);
    answer = {Failure::login, 535, "no"};
    EXPECT_EQ(carry(), Fate::again);
    clock.at += 1min;
    answer = {Failure::answer, 550, "no such mailbox"};
    EXPECT_EQ(carry(), Fate::refused);
    EXPECT_EQ(waiting(), 0U);
}

TEST_F(CarrierTest, AMailThatOurEndCutOffIsDueAtOnce)
{
    queue(MailKind::reset_password);
    answer = {Failure::connection, 0, "cut off"};
    stopping = true;
    EXPECT_EQ(carry(), Fate::again);
    EXPECT_EQ(carry(), Fate::again);
}

TEST_F(CarrierTest, WhoDiesLeavesItsMailToTheNext)
{
    queue(MailKind::reset_password);
    ASSERT_TRUE(*store.take_mail(clock.now(), clock.now() + 1min));
    EXPECT_EQ(carry(), Fate::nothing_due);
    clock.at += 1min;
    EXPECT_EQ(carry(), Fate::sent);
}

TEST_F(CarrierTest, NobodyGetsWhatIsNotForThemAnyMore)
{
    const struct {
        const char* name;
        MailKind kind;
        std::string address;
        void (*change)(auth::MemoryStore&, auth::Millis);
        Fate expected;
    } rows[] = {
        {"a link to another address",               MailKind::reset_password,   "old@example.com",
         [](auto&,   auto) {},                                            Fate::void_  },
        {"the news of a change to another address", MailKind::address_changed,  "old@example.com",
         [](auto&,   auto) {},                                            Fate::sent   },
        {"an address that breaks the line",         MailKind::address_changed,  "a@b>\r\nRCPT TO:<c@d",
         [](auto&,   auto) {},                                            Fate::refused},
        {"a proof that is there already",           MailKind::verify_email,     "Ada@Example.com",
         [](auto& s, auto now) {
             const auto digest = *auth::link_digest(std::string(43, 'x'));
             ASSERT_TRUE(
                 s.keep_link({digest, auth::LinkPurpose::verify_email, "u1", "ada@example.com",
                              std::chrono::floor<std::chrono::seconds>(now) + 1h}));
             ASSERT_TRUE(s.verify_email(digest, now));
         },                                           Fate::void_  },
        {"a blocked user",                          MailKind::password_changed, "Ada@Example.com",
         [](auto& s, auto now) { ASSERT_TRUE(s.block_user("u1", now)); }, Fate::void_  },
    };

    for (const auto& row : rows) {
        SCOPED_TRACE(row.name);
        queue(row.kind, row.address);
        row.change(store, clock.now());
        mails.clear();
        EXPECT_EQ(carry(), row.expected);
        EXPECT_EQ(mails.size(), row.expected == Fate::sent ? 1U : 0U);
        EXPECT_EQ(waiting(), 0U);
    }
}

TEST_F(CarrierTest, TemplatesAndLinksAreTheOperators)
{
    settings.mail.reset_link = "https://www.example.com/neu?t={token}";
    settings.mail.templates.reset_password = {"F\xC3\xBCr {{name}}", "{{link}} {{minutes}}\n",
                                              "<a href=\"{{link}}\">{{name}}</a>"};
    queue(MailKind::reset_password);
    EXPECT_EQ(carry(), Fate::sent);
    EXPECT_THAT(mails.back(), HasSubstr("Subject: =?utf-8?B?RsO8ciBhZGE=?="));
    EXPECT_THAT(mails.back(), HasSubstr("https://www.example.com/neu?t=3D"));
    EXPECT_THAT(mails.back(), HasSubstr(" 30\r\n"));
    EXPECT_THAT(mails.back(), HasSubstr("Content-Type: text/html"));
}

TEST(NeedsStarttls, UnlessOnLoopbackOrTold)
{
    const auto needs = [](const char* smtp, config::StartTls starttls) {
        config::MailSettings settings;
        settings.smtp = smtp;
        settings.starttls = starttls;
        return needs_starttls(settings);
    };
    using config::StartTls;
    EXPECT_TRUE(needs("smtp://mail.example.com", StartTls::automatic));
    EXPECT_FALSE(needs("smtp://127.0.0.1:25", StartTls::automatic));
    EXPECT_TRUE(needs("smtp://127.0.0.1:25", StartTls::required));
    EXPECT_FALSE(needs("smtp://mail.example.com", StartTls::off));
    EXPECT_FALSE(needs("smtps://mail.example.com", StartTls::automatic)); // it is there already
}

} // namespace
} // namespace gatehouse::gateway
