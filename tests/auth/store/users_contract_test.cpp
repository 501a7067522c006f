#include "tests/auth/store/contract.hpp"

#include <gmock/gmock.h>

namespace gatehouse::auth::contract {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class UserContract : public StoreContract {
protected:
    [[nodiscard]] std::vector<std::string> ids_after(std::string_view after,
                                                     std::size_t limit) const
    {
        std::vector<std::string> ids;
        for (const auto& user : must(store->list_users(after, limit))) ids.push_back(user.id);
        return ids;
    }
};

INSTANTIATE_TEST_SUITE_P(Stores, UserContract, every_session_store, name_of);

TEST_P(UserContract, BringsAUserAndTheFirstSessionIntoBeingTogetherOrNeither)
{
    const auto ada = user_called("u1", "ada");
    must(store->register_user(ada, {}, session_of("u1", "s1"), noon));
    EXPECT_EQ(must(store->find_user("u1"))->username, "ada");
    EXPECT_EQ(must(store->list_sessions("u1", noon)).size(), 1U);
    EXPECT_TRUE(must(store->rotate("s1", 1, refreshed(noon), noon)));

    const auto other = user_called("u2", "ada");
    EXPECT_EQ(store->register_user(other, {}, session_of("u2", "s2"), noon).error(),
              StoreError::name_taken);
    EXPECT_EQ(
        store->register_user(user_called("u3", "eve"), "no invite", session_of("u3", "s3"), noon)
            .error(),
        StoreError::invite_invalid);
    for (const auto* session : {"s2", "s3"}) EXPECT_FALSE(must(store->find_session(session)));
    for (const auto* user : {"u2", "u3"}) EXPECT_FALSE(must(store->find_user(user)));
}

TEST_P(UserContract, GivesBackEveryFieldOfAUser)
{
    User user;
    user.id = "u1";
    user.username = "Ada";
    user.folded_username = "ada";
    user.email = "Ada@Example.com";
    user.folded_email = "ada@example.com";
    user.password_hash = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA";
    user.roles = {"writer", "admin", ""};
    user.created = noon - 5s;
    must(store->create_user(user, {}, noon));

    for (const auto* name : {"ada", "ada@example.com"}) {
        SCOPED_TRACE(name);
        const auto found = must(store->find_user_by_name(name));
        ASSERT_TRUE(found);
        EXPECT_EQ(found->id, "u1");
        EXPECT_EQ(found->username, "Ada");
        EXPECT_EQ(found->folded_username, "ada");
        EXPECT_EQ(found->email, "Ada@Example.com");
        EXPECT_EQ(found->folded_email, "ada@example.com");
        EXPECT_EQ(found->password_hash, user.password_hash);
        EXPECT_THAT(found->roles, ElementsAre("writer", "admin", ""));
        EXPECT_FALSE(found->blocked);
        EXPECT_EQ(found->created, noon - 5s);
    }
    EXPECT_EQ(must(store->find_user("u1"))->folded_email, "ada@example.com");
}

TEST_P(UserContract, KeepsAnAbsentNameAbsent)
{
    must(store->create_user(user_called("u1", "ada"), {}, noon));
    must(store->create_user(user_called("u2", {}, "bob@example.com"), {}, noon));
    EXPECT_FALSE(must(store->find_user("u1"))->email);
    EXPECT_FALSE(must(store->find_user("u2"))->username);
    EXPECT_FALSE(must(store->find_user("u2"))->folded_username);
}

TEST_P(UserContract, FindsNobodyUnderAStrangeNameOrId)
{
    must(store->create_user(user_called("u1", "ada"), {}, noon));
    EXPECT_FALSE(must(store->find_user("ada")));
    EXPECT_FALSE(must(store->find_user_by_name("u1")));
    EXPECT_FALSE(must(store->find_user_by_name("")));
    EXPECT_FALSE(must(store->find_user_by_name("ad")));
    EXPECT_FALSE(must(store->find_user_by_name("Ada"))); // folding is the caller's business
}

TEST_P(UserContract, KeepsOneNamespaceForUsernamesAndEmails) // R57
{
    must(store->create_user(user_called("u1", "ada", "ada@example.com"), {}, noon));

    const struct {
        const char* name;
        User user;
    } rows[] = {
        {"the same username", user_called("u2", "ada")},
        {"the same email", user_called("u2", {}, "ada@example.com")},
        {"another's email as username", user_called("u2", "ada@example.com")},
        {"another's username as email", user_called("u2", {}, "ada")},
        {"only the second of two names taken", user_called("u2", "eve", "ada@example.com")},
        {"the id of another", user_called("u1", "eve")},
        {"another's id as username", user_called("u2", "u1")},
    };

    for (const auto& row : rows) {
        SCOPED_TRACE(row.name);
        const auto created = store->create_user(row.user, {}, noon);
        ASSERT_FALSE(created);
        EXPECT_EQ(created.error(), StoreError::name_taken);
        EXPECT_FALSE(must(store->find_user_by_name("eve"))); // nothing of it was kept
        EXPECT_FALSE(must(store->find_user("u2")));
    }
    EXPECT_EQ(must(store->find_user_by_name("ada"))->id, "u1");
    must(store->create_user(user_called("u2", "eve"), {}, noon)); // and the free name is still free
}

TEST_P(UserContract, LetsOneUserHaveTheSameNameTwice)
{
    must(store->create_user(user_called("u1", "ada", "ada"), {}, noon));
    EXPECT_EQ(must(store->find_user_by_name("ada"))->id, "u1");
    must(store->delete_user("u1", noon));
    EXPECT_FALSE(must(store->find_user_by_name("ada")));
}

TEST_P(UserContract, PagesInOrderOfCreationThenId)
{
    const std::pair<const char*, int> people[] = {
        {"c", 2},
        {"a", 3},
        {"b", 2},
        {"e", 1},
        {"d", 2},
    };
    for (const auto& [id, second] : people) {
        auto user = user_called(id, id);
        user.created = noon + std::chrono::seconds(second);
        must(store->create_user(user, {}, noon));
    }
    EXPECT_THAT(ids_after("", 100), ElementsAre("e", "b", "c", "d", "a"));
    EXPECT_THAT(ids_after("", 2), ElementsAre("e", "b"));
    EXPECT_THAT(ids_after("b", 2), ElementsAre("c", "d"));
    EXPECT_THAT(ids_after("d", 2), ElementsAre("a"));
    EXPECT_THAT(ids_after("a", 2), IsEmpty());
    EXPECT_THAT(ids_after("", 0), IsEmpty());
}

TEST_P(UserContract, SaysWhenThePageToContinueFromIsGone)
{
    must(store->create_user(user_called("u1", "ada"), {}, noon));
    must(store->delete_user("u1", noon));
    const auto page = store->list_users("u1", 10);
    ASSERT_FALSE(page);
    EXPECT_EQ(page.error(), StoreError::not_found);
}

TEST_P(UserContract, RehashesOnlyWhatItsCallerVerified)
{
    must(store->create_user(user_called("u1", "ada"), {}, noon));
    EXPECT_FALSE(must(store->replace_hash("u1", "something else", "new")));
    EXPECT_EQ(must(store->find_user("u1"))->password_hash, "hash of u1");
    EXPECT_TRUE(must(store->replace_hash("u1", "hash of u1", "new")));
    EXPECT_EQ(must(store->find_user("u1"))->password_hash, "new");
    EXPECT_FALSE(must(store->replace_hash("nobody", "hash of u1", "new")));
    EXPECT_THAT(story(), IsEmpty()); // nobody is signed out by it
}

TEST_P(UserContract, PasswordChangeEndsAllOtherSessionsInTheSameTransaction) // R43
{
    add_user("u1");
    add_user("u2");
    for (const auto* id : {"s1", "s2", "s3"}) add_session("u1", id);
    add_session("u2", "other");
    must(store->end_session("s3", noon));

    EXPECT_THAT(must(store->set_password("u1", "new", "s2", noon + 1s)), ElementsAre("s1"));
    EXPECT_EQ(must(store->find_user("u1"))->password_hash, "new");
    EXPECT_EQ(must(store->find_session("s1"))->ended_at, noon + 1s);
    EXPECT_EQ(must(store->find_session("s3"))->ended_at, noon); // its end stays where it was
    EXPECT_FALSE(must(store->find_session("s2"))->ended_at);
    EXPECT_FALSE(must(store->find_session("other"))->ended_at);
    // Of s3, which ended alone, the feed of the sessions tells, where they have one.
    EXPECT_EQ(story().back(), "session_ended s1");

    EXPECT_THAT(must(store->set_password("u1", "newer", "", noon + 2s)), ElementsAre("s2"));
}

TEST_P(UserContract, KeepingSomebodyElsesSessionKeepsNone)
{
    add_user("u1");
    add_user("u2");
    add_session("u1", "s1");
    add_session("u2", "other");
    EXPECT_THAT(must(store->set_password("u1", "new", "other", noon)), ElementsAre("s1"));
    EXPECT_FALSE(must(store->find_session("other"))->ended_at);
}

TEST_P(UserContract, BlockingEndsAllSessionsAndUnblockingRevivesNone) // R46
{
    add_user("u1");
    add_session("u1", "s1");
    add_session("u1", "s2");

    EXPECT_THAT(must(store->block_user("u1", noon + 1s)), UnorderedElementsAre("s1", "s2"));
    EXPECT_TRUE(must(store->find_user("u1"))->blocked);
    EXPECT_THAT(must(store->block_user("u1", noon + 2s)), IsEmpty());
    EXPECT_THAT(story(), ElementsAre("session_ended s1", "session_ended s2", "user_blocked u1"));

    must(store->unblock_user("u1", noon + 3s));
    must(store->unblock_user("u1", noon + 4s));
    EXPECT_FALSE(must(store->find_user("u1"))->blocked);
    EXPECT_EQ(must(store->find_session("s1"))->ended_at, noon + 1s);
    EXPECT_FALSE(must(store->rotate("s1", 1, refreshed(noon + 5s), noon + 5s)));
    EXPECT_THAT(story(3), ElementsAre("user_unblocked u1"));
}

TEST_P(UserContract, DeletingEndsAllSessionsAndFreesTheNames)
{
    must(store->create_user(user_called("u1", "ada", "ada@example.com"), {}, noon));
    add_session("u1", "s1");
    EXPECT_THAT(must(store->delete_user("u1", noon + 1s)), ElementsAre("s1"));
    EXPECT_THAT(story(), ElementsAre("session_ended s1", "user_deleted u1"));
    EXPECT_FALSE(must(store->find_user("u1")));
    EXPECT_FALSE(must(store->find_user_by_name("ada")));
    EXPECT_THAT(ids_after("", 10), IsEmpty());
    // The session is remembered as ended: access tokens of it are still around.
    EXPECT_EQ(must(store->find_session("s1"))->ended_at, noon + 1s);
    EXPECT_FALSE(must(store->rotate("s1", 1, refreshed(noon + 2s), noon + 2s)));

    must(store->create_user(user_called("u2", "ada@example.com", "ada"), {}, noon));
    EXPECT_EQ(must(store->find_user_by_name("ada"))->id, "u2");
}

Name name_called(const std::string& shown, const std::string& folded)
{
    return {shown, folded};
}

TEST_P(UserContract, RenamingFreesTheOldNameAndTakesTheNew)
{
    must(store->create_user(user_called("u1", "ada", "ada@example.com"), {}, noon));
    add_session("u1", "s1");
    const auto after =
        must(store->rename_user("u1", {.username = name_called("Grace", "grace")}, noon));
    EXPECT_EQ(after.username, "Grace");
    EXPECT_EQ(after.folded_username, "grace");
    EXPECT_EQ(after.email, "ada@example.com");
    const auto found = must(store->find_user_by_name("grace"));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->id, "u1");
    EXPECT_EQ(found->username, "Grace");
    EXPECT_EQ(found->email, "ada@example.com");
    EXPECT_EQ(must(store->find_user_by_name("ada@example.com"))->id, "u1");
    EXPECT_FALSE(must(store->find_user_by_name("ada")));
    must(store->create_user(user_called("u2", "ada"), {}, noon));
    EXPECT_EQ(must(store->list_sessions("u1", noon)).size(), 1U) << "who is called otherwise stays";
    EXPECT_THAT(story(), IsEmpty());
}

TEST_P(UserContract, APasswordIsReplacedWhereTheOneThatWasJudgedIsStillTrue)
{
    must(store->create_user(user_called("u1", "ada"), {}, noon));
    must(store->set_password("u1", "first", "", noon));
    add_session("u1", "s1");
    Deed judged(noon);
    judged.judged_by = "first";
    EXPECT_TRUE(store->set_password("u1", "second", "s1", judged));
    EXPECT_EQ(store->set_password("u1", "third", "", judged).error(), StoreError::password_changed);
    EXPECT_EQ(must(store->find_user("u1"))->password_hash, "second");
    EXPECT_EQ(must(store->list_sessions("u1", noon)).size(), 1U) << "nothing was done";
    EXPECT_EQ(store->set_password("u2", "x", "", judged).error(), StoreError::not_found);
}

TEST_P(UserContract, ASessionThatHasEndedChangesNothing) // R43
{
    must(store->create_user(user_called("u1", "ada"), {}, noon));
    add_session("u1", "s1");
    must(store->begin_second_factor("u1", "sealed", noon));
    Deed asked(noon);
    asked.asker = "s1";
    must(store->set_password("u1", "first", "s1", asked));
    must(store->end_session("s1", noon));
    Passkey passkey;
    passkey.id = "p1";
    passkey.user_id = "u1";
    for (const auto* asker : {"s1", "unknown"}) {
        SCOPED_TRACE(asker);
        asked.asker = asker;
        const auto other = name_called("Eve", "eve");
        EXPECT_EQ(store->set_password("u1", "other", "", asked).error(), StoreError::not_found);
        EXPECT_EQ(store->rename_user("u1", {other, {}}, asked).error(), StoreError::not_found);
        EXPECT_EQ(store->delete_user("u1", asked).error(), StoreError::not_found);
        EXPECT_EQ(store->create_passkey(passkey, 10, asked).error(), StoreError::not_found);
        EXPECT_EQ(store->confirm_second_factor("u1", "sealed", 1, {}, asked).error(),
                  StoreError::not_found);
    }
    EXPECT_EQ(must(store->find_user_by_name("ada"))->password_hash, "first");
    EXPECT_THAT(must(store->passkeys_of("u1")), IsEmpty());
    EXPECT_FALSE(must(store->find_second_factor("u1"))->in_force);
}

TEST_P(UserContract, ANameIsGivenUpWhereAnotherIsLeft)
{
    must(store->create_user(user_called("u1", "ada", "ada@example.com"), {}, noon));
    NameChange without_username;
    without_username.username.emplace(std::nullopt);
    EXPECT_FALSE(must(store->rename_user("u1", without_username, noon)).username);
    EXPECT_FALSE(must(store->find_user("u1"))->folded_username);
    EXPECT_FALSE(must(store->find_user_by_name("ada")));

    NameChange without_email;
    without_email.email.emplace(std::nullopt);
    EXPECT_EQ(store->rename_user("u1", without_email, noon).error(), StoreError::name_taken);
    EXPECT_EQ(must(store->find_user_by_name("ada@example.com"))->id, "u1");
    EXPECT_EQ(store->rename_user("nobody", without_email, noon).error(), StoreError::not_found);

    // Both at once, the new one in the place of the old one.
    NameChange swapped{.username = name_called("ada", "ada")};
    swapped.email.emplace(std::nullopt);
    EXPECT_EQ(must(store->rename_user("u1", swapped, noon)).username, "ada");
    EXPECT_FALSE(must(store->find_user_by_name("ada@example.com")));
}

TEST_P(UserContract, RenamingTakesNobodysNameAndChangesNothingThen) // R57
{
    must(store->create_user(user_called("u1", "ada", "ada@example.com"), {}, noon));
    must(store->create_user(user_called("u2", "eve", "eve@example.com"), {}, noon));

    const NameChange taken[] = {
        {.username = name_called("Ada", "ada")},
        {.username = name_called("ada@example.com", "ada@example.com")},
        {.email = name_called("ada", "ada")},
        {.email = name_called("ada@example.com", "ada@example.com")},
        {.username = name_called("new", "new"), .email = name_called("ada", "ada")},
        {.username = name_called("u1", "u1")}, // which would mean u1 to operators
    };
    for (const auto& change : taken) {
        const auto renamed = store->rename_user("u2", change, noon);
        ASSERT_FALSE(renamed);
        EXPECT_EQ(renamed.error(), StoreError::name_taken);
        EXPECT_EQ(must(store->find_user("u2"))->username, "eve");
        EXPECT_EQ(must(store->find_user_by_name("eve@example.com"))->id, "u2");
        EXPECT_EQ(must(store->find_user_by_name("ada"))->id, "u1");
        EXPECT_FALSE(must(store->find_user_by_name("new")));
    }
    // One's own names are not somebody's: the other way round, or both the same.
    must(store->rename_user("u2",
                            {.username = name_called("eve@example.com", "eve@example.com"),
                             .email = name_called("eve", "eve")},
                            noon));
    EXPECT_EQ(must(store->find_user_by_name("eve"))->username, "eve@example.com");
    must(store->rename_user("u2", {.username = name_called("Eve", "eve")}, noon));
    EXPECT_EQ(must(store->find_user("u2"))->username, "Eve");
    EXPECT_EQ(must(store->find_user("u2"))->email, "eve");
}

TEST_P(UserContract, RolesAreReplacedWholeAndAnnounced)
{
    add_user("u1");
    const std::vector<std::string> roles = {"admin", "a,b", "9:x"};
    must(store->set_roles("u1", roles, noon));
    EXPECT_EQ(must(store->find_user("u1"))->roles, roles);
    const auto changes = must(store->changes_after(0, 10));
    ASSERT_EQ(changes.size(), 1U);
    EXPECT_EQ(changes[0].kind, ChangeKind::roles_changed);
    EXPECT_EQ(changes[0].subject, "u1");
    EXPECT_EQ(changes[0].roles, roles);
    must(store->set_roles("u1", {}, noon));
    EXPECT_THAT(must(store->find_user("u1"))->roles, IsEmpty());
}

TEST_P(UserContract, SaysWhenThereIsNoSuchUser)
{
    EXPECT_EQ(store->set_password("nobody", "h", "", noon).error(), StoreError::not_found);
    EXPECT_EQ(store->set_roles("nobody", {}, noon).error(), StoreError::not_found);
    EXPECT_EQ(store->block_user("nobody", noon).error(), StoreError::not_found);
    EXPECT_EQ(store->unblock_user("nobody", noon).error(), StoreError::not_found);
    EXPECT_EQ(store->delete_user("nobody", noon).error(), StoreError::not_found);
    EXPECT_THAT(story(), IsEmpty());
}

} // namespace
} // namespace gatehouse::auth::contract
