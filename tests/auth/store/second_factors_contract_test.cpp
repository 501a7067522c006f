#include "tests/auth/store/contract.hpp"

#include <gmock/gmock.h>

namespace gatehouse::auth::contract {
namespace {

using Words = std::vector<std::string>;
using testing::ElementsAre;
using testing::UnorderedElementsAre;

class SecondFactorContract : public StoreContract {
protected:
    SecondFactorContract()
    {
        add_user("u1");
        add_user("u2");
    }

    /// In force, with the step 10 spent.
    void give_factor(const std::string& user, const Words& digests = {"d1", "d2"}) const
    {
        must(store->begin_second_factor(user, sealed, noon));
        ASSERT_TRUE(must(store->confirm_second_factor(user, sealed, 10, digests, noon)));
    }

    [[nodiscard]] std::optional<SecondFactor> find(const std::string& user) const
    {
        return must(store->find_second_factor(user));
    }

    [[nodiscard]] bool use(TotpStep step) const
    {
        return must(store->use_totp("u1", sealed, step, sealed, {}));
    }

    [[nodiscard]] bool use_code(const std::string& user, const std::string& digest) const
    {
        return must(store->use_recovery_code(user, digest, noon));
    }

    const std::string sealed = std::string("\0\xff'sealed", 9);
};

INSTANTIATE_TEST_SUITE_P(Stores, SecondFactorContract, every_store, name_of);

TEST_P(SecondFactorContract, IsInForceOnceACodeWasShown)
{
    EXPECT_FALSE(find("u1"));
    must(store->begin_second_factor("u1", sealed, noon));
    EXPECT_EQ(find("u1"), (SecondFactor{sealed, false, noon, -1, 0}));
    EXPECT_FALSE(use(11)) << "not in force yet";

    EXPECT_TRUE(must(store->confirm_second_factor("u1", sealed, 10, Words{"d1", "d2"}, noon)));
    EXPECT_EQ(find("u1"), (SecondFactor{sealed, true, noon, 10, 2}));
    EXPECT_FALSE(find("u2"));
}

TEST_P(SecondFactorContract, WhatWasBegunAnewIsWhatCanBeConfirmed)
{
    must(store->begin_second_factor("u1", "the first", noon));
    must(store->begin_second_factor("u1", sealed, noon + 5s));
    EXPECT_FALSE(must(store->confirm_second_factor("u1", "the first", 10, Words{"d"}, noon)));
    EXPECT_EQ(find("u1"), (SecondFactor{sealed, false, noon + 5s, -1, 0}));
    EXPECT_TRUE(must(store->confirm_second_factor("u1", sealed, 10, Words{"d"}, noon)));
    EXPECT_FALSE(must(store->confirm_second_factor("u1", sealed, 12, Words{"e"}, noon)));
    EXPECT_EQ(find("u1")->last_used, 10);
    EXPECT_FALSE(use_code("u1", "e"));
    EXPECT_EQ(store->begin_second_factor("u1", "another", noon).error(), StoreError::name_taken);
    EXPECT_EQ(find("u1")->sealed, sealed);
}

TEST_P(SecondFactorContract, OnlyAUserWhoIsThereAndNotBlockedBegins)
{
    must(store->block_user("u2", noon));
    EXPECT_EQ(store->begin_second_factor("u3", sealed, noon).error(), StoreError::not_found);
    EXPECT_EQ(store->begin_second_factor("u2", sealed, noon).error(), StoreError::blocked);
    EXPECT_FALSE(must(store->confirm_second_factor("u3", sealed, 1, Words{"d"}, noon)));
}

TEST_P(SecondFactorContract, AStepIsSpentWithAllBeforeIt)
{
    give_factor("u1");
    EXPECT_FALSE(use(10)) << "by which it was confirmed";
    EXPECT_TRUE(use(12));
    EXPECT_FALSE(use(12));
    EXPECT_FALSE(use(11));
    EXPECT_TRUE(use(13));
    EXPECT_EQ(find("u1")->last_used, 13);
    EXPECT_FALSE(must(store->use_totp("u2", sealed, 14, sealed, {})));
}

TEST_P(SecondFactorContract, ASecretIsSealedAnewWhenItIsUsed)
{
    give_factor("u1");
    EXPECT_FALSE(must(store->use_totp("u1", "not what is kept", 11, "sealed anew", {})));
    EXPECT_TRUE(must(store->use_totp("u1", sealed, 11, "sealed anew", {})));
    EXPECT_EQ(find("u1")->sealed, "sealed anew");
    EXPECT_FALSE(use(12));
}

TEST_P(SecondFactorContract, ARecoveryCodeIsUsedOnceByItsUser)
{
    give_factor("u1", {"d1", std::string("\0\xff", 2)});
    give_factor("u2", {"d2"});
    EXPECT_FALSE(use_code("u2", "d1"));
    EXPECT_TRUE(use_code("u1", "d1"));
    EXPECT_FALSE(use_code("u1", "d1"));
    EXPECT_EQ(find("u1")->codes_left, 1U);
    EXPECT_TRUE(use_code("u1", std::string("\0\xff", 2)));
    EXPECT_EQ(find("u1")->codes_left, 0U);
    EXPECT_EQ(find("u2")->codes_left, 1U);
}

TEST_P(SecondFactorContract, ATicketTakesOneRecoveryCodeAndAWrongCodeTakesNoTicket)
{
    give_factor("u1", {"d1", "d2"});
    Deed deed(noon);
    deed.ticket = GoodOnce{std::string("\0ticket", 7), noon + 5min};
    EXPECT_FALSE(must(store->use_recovery_code("u1", "wrong", deed)));
    EXPECT_TRUE(must(store->use_recovery_code("u1", "d1", deed)));
    EXPECT_EQ(store->use_recovery_code("u1", "d2", deed).error(), StoreError::already_used);
    EXPECT_EQ(find("u1")->codes_left, 1U) << "which is there for another login";
    EXPECT_FALSE(must(store->spend(deed.ticket->digest, noon + 5min))) << "nor for another code";
    deed.ticket->digest = "another";
    EXPECT_TRUE(must(store->use_recovery_code("u1", "d2", deed)));
}

TEST_P(SecondFactorContract, ATicketTakesOneStepAndASpentStepTakesNoTicket)
{
    give_factor("u1");
    const GoodOnce ticket{std::string("\0ticket", 7), noon + 5min};
    EXPECT_FALSE(must(store->use_totp("u1", sealed, 10, sealed, ticket)));
    EXPECT_TRUE(must(store->use_totp("u1", sealed, 11, sealed, ticket)));
    EXPECT_EQ(store->use_totp("u1", sealed, 12, sealed, ticket).error(), StoreError::already_used);
    EXPECT_EQ(find("u1")->last_used, 11) << "the next code is there for another login";
    EXPECT_FALSE(must(store->spend(ticket.digest, noon + 5min))) << "nor for another code";
    const GoodOnce another{"another", noon + 5min};
    EXPECT_TRUE(must(store->use_totp("u1", sealed, 12, sealed, another)));
}

TEST_P(SecondFactorContract, NewCodesMakeOldOnesVoid)
{
    EXPECT_FALSE(must(store->replace_recovery_codes("u1", Words{"n1"}, noon)));
    must(store->begin_second_factor("u1", sealed, noon));
    EXPECT_FALSE(must(store->replace_recovery_codes("u1", Words{"n1"}, noon))) << "not in force";
    must(store->confirm_second_factor("u1", sealed, 10, Words{"d1"}, noon));
    EXPECT_TRUE(must(store->replace_recovery_codes("u1", Words{"n1", "n2"}, noon)));
    EXPECT_FALSE(use_code("u1", "d1"));
    EXPECT_TRUE(use_code("u1", "n2"));
}

TEST_P(SecondFactorContract, IsRemovedWithItsCodes)
{
    EXPECT_FALSE(must(store->remove_second_factor("u1", noon)));
    must(store->begin_second_factor("u1", sealed, noon));
    EXPECT_FALSE(must(store->remove_second_factor("u1", noon))) << "it was not in force";
    EXPECT_FALSE(find("u1"));
    give_factor("u1");
    give_factor("u2");
    EXPECT_TRUE(must(store->remove_second_factor("u1", noon)));
    EXPECT_FALSE(find("u1"));
    EXPECT_FALSE(use_code("u1", "d1"));
    EXPECT_FALSE(use(20));
    EXPECT_TRUE(find("u2"));
}

TEST_P(SecondFactorContract, StaysWithABlockedUserAndANewPasswordAndGoesWithADeletedOne)
{
    give_factor("u1");
    must(store->block_user("u1", noon));
    must(store->unblock_user("u1", noon));
    must(store->set_password("u1", "another", "", noon));
    EXPECT_TRUE(find("u1"));
    must(store->delete_user("u1", noon));
    EXPECT_FALSE(find("u1"));
    add_user("u1");
    EXPECT_FALSE(use_code("u1", "d1"));
}

TEST_P(SecondFactorContract, TheRecordIsWrittenWithWhatItTellsOf)
{
    const auto deed = [](SecurityEventKind kind) {
        return Deed(record_of({kind, "ok", "u1", "", "", "", noon, ""}));
    };
    using Kind = SecurityEventKind;
    const auto add = deed(Kind::second_factor_add);
    const auto use = deed(Kind::recovery_code_use);
    const auto renew = deed(Kind::recovery_codes_renew);
    const auto remove = deed(Kind::second_factor_remove);
    EXPECT_FALSE(must(store->replace_recovery_codes("u1", Words{"d"}, renew)));
    EXPECT_FALSE(must(store->remove_second_factor("u1", remove)));
    must(store->begin_second_factor("u1", sealed, noon));
    for (int twice = 0; twice < 2; ++twice) {
        must(store->confirm_second_factor("u1", sealed, 1, Words{"d"}, add));
        must(store->use_recovery_code("u1", "d", use));
    }
    must(store->replace_recovery_codes("u1", Words{"d"}, renew));
    for (int twice = 0; twice < 2; ++twice) must(store->remove_second_factor("u1", remove));
    Words events;
    for (const auto& record : must(store->read_audit({}, {}, 9))) events.push_back(record.event);
    EXPECT_THAT(events, UnorderedElementsAre("second_factor_add", "recovery_code_use",
                                             "recovery_codes_renew", "second_factor_remove"));
}

class AmrContract : public StoreContract {
protected:
    AmrContract()
    {
        add_user("u1");
        add_session("u1", "s1");
    }

    [[nodiscard]] bool replace(const Words& expected, const Words& amr,
                               Millis now = Millis{noon}) const
    {
        return must(store->replace_amr("s1", expected, amr, now));
    }

    [[nodiscard]] Words amr() const { return must(store->find_session("s1"))->amr; }

    Words before = session_of("u1", "s1").amr;
};

INSTANTIATE_TEST_SUITE_P(Stores, AmrContract, every_session_store, name_of);

TEST_P(AmrContract, ABetterProofLastsThroughRefreshes)
{
    EXPECT_TRUE(replace(before, {"pwd", "otp", "mfa"}));
    EXPECT_THAT(amr(), ElementsAre("pwd", "otp", "mfa"));
    must(store->rotate("s1", 1, refreshed(noon + 1s), noon + 1s));
    EXPECT_THAT(amr(), ElementsAre("pwd", "otp", "mfa"));
}

TEST_P(AmrContract, TakesThePlaceOfWhatWasReadAndOfNothingElse)
{
    EXPECT_TRUE(replace(before, {"pwd", "otp"}));
    EXPECT_FALSE(replace(before, {"pwd", "pop"})) << "somebody else was faster";
    EXPECT_THAT(amr(), ElementsAre("pwd", "otp"));
    EXPECT_FALSE(must(store->replace_amr("unknown", before, Words{"otp"}, noon)));
}

TEST_P(AmrContract, IsOfLiveSessionsOnly)
{
    EXPECT_FALSE(replace(before, {"otp"}, noon + year)) << "expired";
    must(store->end_session("s1", noon));
    EXPECT_FALSE(replace(before, {"otp"})) << "ended";
    add_session("u1", "s2");
    must(store->set_password("u1", "another", "", noon));
    EXPECT_FALSE(must(store->replace_amr("s2", before, Words{"otp"}, noon))) << "with all others";
}

} // namespace
} // namespace gatehouse::auth::contract
