#include "tests/auth/store/contract.hpp"

#include <gtest/gtest.h>

namespace gatehouse::auth::contract {
namespace {

class InviteContract : public StoreContract {};

INSTANTIATE_TEST_SUITE_P(Stores, InviteContract, every_session_store, name_of);

TEST_P(InviteContract, AnInviteLetsOnePersonInBeforeItExpires)
{
    must(store->create_invite("code", noon + 60s, noon));
    const auto try_with = [&](const char* id, const char* invite, Millis now) {
        return store->create_user(user_called(id, id), invite, now);
    };
    EXPECT_EQ(try_with("u1", "guess", noon).error(), StoreError::invite_invalid);
    EXPECT_EQ(try_with("u1", "code", noon + 60s).error(), StoreError::invite_invalid);
    EXPECT_FALSE(must(store->find_user("u1")));
    must(try_with("u1", "code", noon + 60s - 1ms));
    EXPECT_EQ(try_with("u2", "code", noon).error(), StoreError::invite_invalid);
    EXPECT_FALSE(must(store->find_user("u2")));
}

TEST_P(InviteContract, ATakenNameDoesNotSpendTheInvite)
{
    add_user("u1");
    must(store->create_invite("code", noon + 60s, noon));
    EXPECT_EQ(store->create_user(user_called("u2", "u1"), "code", noon).error(),
              StoreError::name_taken);
    must(store->create_user(user_called("u2", "u2"), "code", noon));
}

TEST_P(InviteContract, ABadInviteLearnsNothingAboutNames)
{
    add_user("u1");
    EXPECT_EQ(store->create_user(user_called("u2", "u1"), "guess", noon).error(),
              StoreError::invite_invalid);
}

} // namespace
} // namespace gatehouse::auth::contract
