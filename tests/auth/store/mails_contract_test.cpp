#include "tests/auth/store/contract.hpp"

#include <gmock/gmock.h>

/// Mails that wait, and links that were mailed.
namespace gatehouse::auth::contract {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class MailContract : public StoreContract {
protected:
    MailContract()
    {
        must(store->create_user(user_called("u1", "ada", "ada@example.com"), {}, noon));
        must(store->create_user(user_called("u2", {}, "bob@example.com"), {}, noon));
    }

    [[nodiscard]] static QueuedMail mail_called(const std::string& id,
                                                MailKind kind = MailKind::reset_password)
    {
        QueuedMail mail;
        mail.id = id;
        mail.kind = kind;
        mail.user_id = "u1";
        mail.address = "Ada@Example.com";
        mail.created = noon;
        mail.expires_at = noon + 1h;
        mail.next_try = noon;
        return mail;
    }

    [[nodiscard]] static MailedLink link_called(const std::string& digest,
                                                LinkPurpose purpose = LinkPurpose::reset_password)
    {
        return {digest, purpose, "u1", "ada@example.com", noon + 30min};
    }

    [[nodiscard]] bool queue(const QueuedMail& mail, std::size_t most = 100) const
    {
        return must(store->queue_mail(mail, most));
    }

    [[nodiscard]] std::string take(Millis now) const
    {
        const auto taken = must(store->take_mail(now, now + 2min));
        return taken ? taken->id : "none";
    }

    [[nodiscard]] Result<std::vector<std::string>, StoreError> reset(const std::string& digest,
                                                                     Millis now = noon) const
    {
        return store->reset_password(digest, "new hash", now);
    }

    [[nodiscard]] User user(const std::string& id = "u1") const
    {
        return must(store->find_user(id)).value();
    }

    void rename(std::optional<std::string> address) const
    {
        NameChange change;
        change.email.emplace();
        if (address) change.email->emplace(Name{*address, *address});
        must(store->rename_user("u1", change, noon));
    }
};

INSTANTIATE_TEST_SUITE_P(Stores, MailContract, every_store, name_of);

TEST_P(MailContract, AMailIsTakenByOneAtATimeUntilItsLeaseIsOver)
{
    auto mail = mail_called("m1");
    mail.address = "it's \"quoted\"@example.com";
    ASSERT_TRUE(queue(mail));
    EXPECT_FALSE(must(store->take_mail(Millis{noon} - 1ms, noon)));
    const auto taken = must(store->take_mail(noon, noon + 2min));
    mail.attempts = 1;
    mail.next_try = noon + 2min;
    EXPECT_EQ(taken, mail);
    EXPECT_EQ(take(Millis{noon} + 2min - 1ms), "none");
    EXPECT_EQ(take(noon + 2min), "m1"); // whoever had it is dead
    EXPECT_FALSE(must(store->remove_mail("m1", 1)));
    EXPECT_FALSE(must(store->put_off_mail("m1", 1, noon)));
    EXPECT_TRUE(must(store->put_off_mail("m1", 2, noon + 5min)));
    EXPECT_EQ(take(noon + 4min), "none");
    EXPECT_EQ(take(noon + 5min), "m1");
    EXPECT_TRUE(must(store->remove_mail("m1", 3)));
    EXPECT_FALSE(must(store->remove_mail("m1", 3)));
    EXPECT_EQ(must(store->mails_waiting()).mails, 0U);
}

TEST_P(MailContract, TheLongestDueIsTakenFirst)
{
    auto later = mail_called("m1");
    later.next_try = noon + 2s;
    auto sooner = mail_called("m2", MailKind::verify_email);
    sooner.next_try = noon + 1s;
    sooner.created = noon - 1h;
    ASSERT_TRUE(queue(later));
    ASSERT_TRUE(queue(sooner));
    EXPECT_EQ(must(store->mails_waiting()).mails, 2U);
    EXPECT_EQ(must(store->mails_waiting()).oldest, noon - 1h);
    EXPECT_EQ(take(noon + 3s), "m2");
    EXPECT_EQ(take(noon + 3s), "m1");
    EXPECT_EQ(take(noon + 3s), "none");
}

TEST_P(MailContract, OneOfAKindWaitsForAUserAndAddressAndNoMoreThanThereIsRoomFor)
{
    EXPECT_TRUE(queue(mail_called("m1")));
    EXPECT_FALSE(queue(mail_called("m2")));
    EXPECT_TRUE(queue(mail_called("m3", MailKind::verify_email)));
    auto elsewhere = mail_called("m4");
    elsewhere.address = "old@example.com";
    EXPECT_TRUE(queue(elsewhere));
    auto anothers = mail_called("m5");
    anothers.user_id = "u2";
    EXPECT_FALSE(queue(anothers, 3));
    EXPECT_TRUE(queue(anothers, 4));
    anothers.user_id = "nobody";
    EXPECT_EQ(store->queue_mail(anothers, 100).error(), StoreError::not_found);
}

TEST_P(MailContract, ANewLinkVoidsTheOneBeforeOfItsPurpose)
{
    must(store->keep_link(link_called("a")));
    must(store->keep_link(link_called("v", LinkPurpose::verify_email)));
    auto anothers = link_called("b");
    anothers.user_id = "u2";
    must(store->keep_link(anothers));
    must(store->keep_link(link_called("c")));
    EXPECT_FALSE(must(store->find_link("a")));
    EXPECT_EQ(must(store->find_link("c")), link_called("c"));
    EXPECT_EQ(must(store->find_link("b")), anothers);
    EXPECT_TRUE(must(store->find_link("v")));

    auto nobodys = link_called("d");
    nobodys.user_id = "nobody";
    EXPECT_EQ(store->keep_link(nobodys).error(), StoreError::not_found);
    must(store->block_user("u2", noon));
    EXPECT_EQ(store->keep_link(anothers).error(), StoreError::blocked);
    EXPECT_FALSE(must(store->find_link("b")));
}

TEST_P(MailContract, AResetEndsEverySessionVerifiesTheAddressAndIsGoodForOnce)
{
    add_session("u1", "s1");
    add_session("u1", "s2");
    add_session("u2", "t1");
    must(store->keep_link(link_called("a")));
    must(store->keep_link(link_called("v", LinkPurpose::verify_email)));
    EXPECT_THAT(must(reset("a", noon + 1s)), testing::UnorderedElementsAre("s1", "s2"));
    EXPECT_EQ(user().password_hash, "new hash");
    EXPECT_EQ(user().email_verified_at, noon + 1s);
    EXPECT_THAT(story(), testing::UnorderedElementsAre("session_ended s1", "session_ended s2"));
    EXPECT_FALSE(must(store->find_session("t1"))->ended_at);

    EXPECT_EQ(reset("a").error(), StoreError::not_found);
    EXPECT_EQ(reset("unknown").error(), StoreError::not_found);
    EXPECT_EQ(store->verify_email("v", noon).error(), StoreError::not_found);
}

TEST_P(MailContract, AnAddressIsVerifiedOnce)
{
    must(store->keep_link(link_called("v", LinkPurpose::verify_email)));
    EXPECT_FALSE(user().email_verified_at);
    must(store->verify_email("v", Millis{noon} + 1500ms));
    EXPECT_EQ(user().email_verified_at, noon + 1s);
    EXPECT_EQ(must(store->find_user_by_name("ada@example.com"))->email_verified_at, noon + 1s);
    EXPECT_EQ(must(store->list_users("", 9)).at(0).email_verified_at, noon + 1s);
    EXPECT_EQ(store->verify_email("v", noon).error(), StoreError::not_found);
    EXPECT_NE(user().password_hash, "new hash");
}

TEST_P(MailContract, ALinkOpensNothingElse)
{
    const struct {
        const char* name;
        LinkPurpose purpose;
        Millis now;
        std::string address;
    } rows[] = {
        {"for another purpose", LinkPurpose::verify_email,   noon,         "ada@example.com"},
        {"on its expiry",       LinkPurpose::reset_password, noon + 30min, "ada@example.com"},
        {"to another address",  LinkPurpose::reset_password, noon,         "old@example.com"},
    };

    for (const auto& row : rows) {
        SCOPED_TRACE(row.name);
        auto link = link_called(row.name, row.purpose);
        link.address = row.address;
        must(store->keep_link(link));
        EXPECT_EQ(reset(row.name, row.now).error(), StoreError::not_found);
        EXPECT_TRUE(must(store->find_link(row.name))); // it was not used up
    }
    must(store->keep_link(link_called("a")));
    EXPECT_EQ(store->verify_email("a", noon).error(), StoreError::not_found);
    EXPECT_NE(user().password_hash, "new hash");
    EXPECT_FALSE(user().email_verified_at);
}

TEST_P(MailContract, WhatChangesAnAccountVoidsItsLinks)
{
    const auto both = [this] {
        must(store->keep_link(link_called("a")));
        must(store->keep_link(link_called("v", LinkPurpose::verify_email)));
    };
    both();
    must(store->set_password("u1", "own hash", "", noon));
    EXPECT_FALSE(must(store->find_link("a")));
    EXPECT_TRUE(must(store->find_link("v")));
    both();
    rename("new@example.com");
    EXPECT_FALSE(must(store->find_link("a")));
    EXPECT_FALSE(must(store->find_link("v")));
    rename("ada@example.com");
    both();
    must(store->block_user("u1", noon));
    must(store->unblock_user("u1", noon));
    EXPECT_FALSE(must(store->find_link("a")));
    both();
    ASSERT_TRUE(queue(mail_called("m1")));
    must(store->delete_user("u1", noon));
    EXPECT_FALSE(must(store->find_link("a")));
    EXPECT_EQ(must(store->mails_waiting()).mails, 0U);
}

TEST_P(MailContract, AnotherAddressIsNotVerified)
{
    const auto verify = [this] {
        must(store->keep_link(link_called("v", LinkPurpose::verify_email)));
        must(store->verify_email("v", noon));
    };
    verify();
    NameChange username;
    username.username.emplace(Name{"countess", "countess"});
    EXPECT_TRUE(must(store->rename_user("u1", username, noon)).email_verified_at);
    EXPECT_TRUE(user().email_verified_at);
    rename("new@example.com");
    EXPECT_FALSE(user().email_verified_at);
    rename("ada@example.com"); // also the old one again
    EXPECT_FALSE(user().email_verified_at);
    verify();
    rename({});
    EXPECT_FALSE(user().email_verified_at);
}

TEST_P(MailContract, AnImportedAddressMayBeVerified)
{
    auto carol = user_called("u3", {}, "carol@example.com");
    carol.email_verified_at = noon;
    must(store->create_user(carol, {}, noon));
    EXPECT_EQ(user("u3").email_verified_at, noon);
}

TEST_P(MailContract, AResetTakesWhatOpenedTheAccountToWhoeverCameBeforeTheOwner)
{
    Passkey passkey;
    passkey.id = "p1";
    passkey.user_id = "u1";
    passkey.created = noon;
    must(store->create_passkey(passkey, 10, noon));
    must(store->begin_second_factor("u1", "sealed", noon));
    must(store->keep_link(link_called("a")));
    must(reset("a"));
    EXPECT_THAT(must(store->passkeys_of("u1")), IsEmpty());
    EXPECT_FALSE(must(store->find_second_factor("u1")));

    must(store->begin_second_factor("u1", "sealed", noon));
    must(store->create_passkey(passkey, 10, noon)); // by the owner of the address
    must(store->keep_link(link_called("b")));
    must(reset("b"));
    EXPECT_THAT(must(store->passkeys_of("u1")), ElementsAre(passkey));
    EXPECT_TRUE(must(store->find_second_factor("u1")));
}

TEST_P(MailContract, WhatIsOverIsForgotten)
{
    ASSERT_TRUE(queue(mail_called("m1")));
    must(store->keep_link(link_called("a")));
    while (must(store->forget_before(noon + 30min, 10))) {
    }
    EXPECT_TRUE(must(store->find_link("a")));
    while (must(store->forget_before(noon + 1h + 1s, 10))) {
    }
    EXPECT_FALSE(must(store->find_link("a")));
    EXPECT_EQ(must(store->mails_waiting()).mails, 0U);
}

} // namespace
} // namespace gatehouse::auth::contract
