#include "auth/store/postgres/elsewhere.hpp"
#include "auth/store/postgres/open.hpp"
#include "auth/store/sqlite/open.hpp"
#include "tests/auth/store/contract.hpp"
#include "tests/auth/store/postgres/server.hpp"

#include <gmock/gmock.h>

#include <functional>

/// What a store of accounts does with sessions that are elsewhere: in which order, under which
/// lock, and what is left when one of the two fails. Who keeps them is told here what to say.
namespace gatehouse::auth {
namespace {

using contract::must;
using contract::noon;
using contract::session_of;
using contract::user_called;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

using Ids = SessionHome::Ids;

/// Keeps nothing, says what it is told to, and remembers what it was asked.
class ToldHome final : public SessionHome {
public:
    Ids create(const Session& session, const SessionStore::Room&, Millis) override
    {
        return asked("create " + session.id);
    }

    Result<std::optional<Session>, StoreError> find(std::string_view) override
    {
        return std::optional<Session>();
    }

    Result<std::vector<Session>, StoreError> list(std::string_view, Seconds) override
    {
        return std::vector<Session>();
    }

    Result<bool, StoreError> rotate(std::string_view, Generation, const RotationTerms&,
                                    Millis) override
    {
        return false;
    }

    Result<void, StoreError> mark_seen(std::span<const SeenGeneration> seen) override
    {
        const auto marked = asked("mark_seen " + seen.front().session_id);
        if (!marked) return marked.error();
        return {};
    }

    Result<bool, StoreError> replace_amr(std::string_view, std::span<const std::string>,
                                         std::span<const std::string>, Millis) override
    {
        return false;
    }

    Result<bool, StoreError> end(std::string_view id, Millis) override
    {
        const auto ended = asked("end " + std::string(id));
        if (!ended) return ended.error();
        return !ended->empty();
    }

    Ids end_all(std::string_view user, std::string_view keep, Millis) override
    {
        return asked("end_all " + std::string(user) + " but " + std::string(keep));
    }

    Ids end_next(Walk& walk, Millis) override
    {
        walk.over = !calls.empty();
        return asked("end_next");
    }

    Result<std::uint64_t, StoreError> count_next(Walk& walk, Millis) override
    {
        walk.over = true;
        return 0;
    }

    Ids answer = std::vector<std::string>();
    std::function<void()> meanwhile = [] {};
    std::vector<std::string> calls;

private:
    Ids asked(std::string call)
    {
        calls.push_back(std::move(call));
        meanwhile();
        return answer;
    }
};

class AccountsWithoutSessions : public testing::TestWithParam<const char*> {
protected:
    AccountsWithoutSessions()
    {
        if (!on_sqlite()) {
            postgres::Server::shared().execute("DROP SCHEMA IF EXISTS gatehouse CASCADE");
        }
        store = open(&home);
        must(store->create_user(user_called("u1", "ada"), {}, noon));
    }

    [[nodiscard]] static bool on_sqlite() { return GetParam() == std::string("sqlite"); }

    [[nodiscard]] std::unique_ptr<Store> open(SessionHome* sessions) const
    {
        auto opened =
            on_sqlite() ? sqlite::open(folder.path() / "db", StoreRole::gateway, {.patience = 20s},
                                       25ms, {}, sessions)
                        : postgres::open({.url = postgres::Server::shared().url()},
                                         StoreRole::gateway, {.patience = 20s}, 25ms, {}, sessions);
        if (!opened) throw std::runtime_error(opened.error());
        return std::move(*opened);
    }

    [[nodiscard]] std::vector<std::string> news() const
    {
        std::vector<std::string> subjects;
        for (const auto& change : must(store->changes_after(0, 100))) {
            subjects.push_back(change.subject);
        }
        return subjects;
    }

    contract::TemporaryFolder folder;
    ToldHome home;
    std::unique_ptr<Store> store;
};

INSTANTIATE_TEST_SUITE_P(Stores, AccountsWithoutSessions, testing::Values("sqlite", "postgres"),
                         [](const auto& info) { return std::string(info.param); });

TEST_P(AccountsWithoutSessions, StayAsTheyWereWhenSessionsCannotBeReached) // R43, R46
{
    home.answer = StoreError::unavailable;
    const auto unavailable = StoreError::unavailable;
    EXPECT_EQ(
        store->register_user(user_called("u2", "bob"), {}, session_of("u2", "s2"), noon).error(),
        unavailable);
    EXPECT_FALSE(must(store->find_user("u2")));
    EXPECT_FALSE(must(store->find_user_by_name("bob")));
    EXPECT_EQ(store->create_session(session_of("u1", "s1"), {}, noon).error(), unavailable);
    EXPECT_EQ(store->set_password("u1", "new", "", noon).error(), unavailable);
    EXPECT_EQ(must(store->find_user("u1"))->password_hash, "hash of u1");
    EXPECT_EQ(store->block_user("u1", noon).error(), unavailable);
    EXPECT_FALSE(must(store->find_user("u1"))->blocked);
    EXPECT_EQ(store->delete_user("u1", noon).error(), unavailable);
    EXPECT_TRUE(must(store->find_user("u1")));
    EXPECT_EQ(store->end_session("s1", noon).error(), unavailable);
    EXPECT_EQ(store->end_sessions_of("u1", "", noon).error(), unavailable);
    EXPECT_EQ(store->end_every_session(noon).error(), unavailable);
    EXPECT_THAT(news(), IsEmpty());
}

TEST_P(AccountsWithoutSessions, ChangeOnlyAfterTheSessionsDid) // R43, R46
{
    const auto neighbour = open(nullptr);
    std::vector<std::string> seen; // of the account, while the sessions are asked
    home.meanwhile = [&] {
        const auto user = must(neighbour->find_user("u1"));
        seen.push_back(user->password_hash + (user->blocked ? ", blocked" : ""));
        EXPECT_FALSE(must(neighbour->find_user("u2")));
    };
    must(store->register_user(user_called("u2", "bob"), {}, session_of("u2", "s2"), noon));
    home.meanwhile = [&] {
        const auto user = must(neighbour->find_user("u1"));
        seen.push_back(user->password_hash + (user->blocked ? ", blocked" : ""));
    };
    must(store->set_password("u1", "new", "kept", noon));
    must(store->block_user("u1", noon));
    must(store->delete_user("u1", noon));
    EXPECT_THAT(seen, ElementsAre("hash of u1", "hash of u1", "new", "new, blocked"));
    EXPECT_THAT(home.calls, ElementsAre("create s2", "end_all u1 but kept", "end_all u1 but ",
                                        "end_all u1 but "));
}

TEST_P(AccountsWithoutSessions, AskNothingOfTheSessionsOfWhoMayNot) // R46
{
    must(store->block_user("u1", noon));
    home.calls.clear();
    EXPECT_EQ(store->create_session(session_of("u1", "s1"), {}, noon).error(), StoreError::blocked);
    EXPECT_EQ(store->create_session(session_of("nobody", "s1"), {}, noon).error(),
              StoreError::not_found);
    EXPECT_EQ(store->block_user("nobody", noon).error(), StoreError::not_found);
    EXPECT_EQ(store->set_password("nobody", "x", "", noon).error(), StoreError::not_found);
    EXPECT_EQ(
        store->register_user(user_called("u2", "ada"), {}, session_of("u2", "s2"), noon).error(),
        StoreError::name_taken);
    EXPECT_THAT(home.calls, IsEmpty());
}

TEST_P(AccountsWithoutSessions, TellTheFeedWhomTheSessionsSayEnded) // R44
{
    home.answer = std::vector<std::string>{"a", "b"};
    const auto both = ElementsAre("a", "b");
    EXPECT_THAT(must(store->create_session(session_of("u1", "s1"), {}, noon)), both);
    EXPECT_THAT(must(store->set_password("u1", "new", "", noon)), both);
    EXPECT_THAT(must(store->end_sessions_of("u1", "", noon)), both);
    EXPECT_THAT(must(store->block_user("u1", noon)), both);
    EXPECT_THAT(must(store->delete_user("u1", noon)), both);
    EXPECT_THAT(news(), ElementsAre("a", "b", "a", "b", "a", "b", "a", "b", "u1", "a", "b", "u1"));
}

TEST_P(AccountsWithoutSessions, EndThoseToThatWereThereBefore) // R43
{
    const auto before = open(nullptr);
    for (const auto* id : {"s1", "s2"}) {
        must(before->create_session(session_of("u1", id), {}, noon));
    }
    home.answer = std::vector<std::string>{"elsewhere"};
    EXPECT_THAT(must(store->set_password("u1", "new", "s2", noon)),
                UnorderedElementsAre("s1", "elsewhere"));
    EXPECT_TRUE(must(before->find_session("s1"))->ended_at);
    EXPECT_FALSE(must(before->find_session("s2"))->ended_at);
    home.calls.clear();
    // The row that was left, and one of each of two pieces.
    EXPECT_EQ(must(store->end_every_session(noon)), 3U);
    EXPECT_TRUE(must(before->find_session("s2"))->ended_at);
    EXPECT_THAT(home.calls, ElementsAre("end_next", "end_next"));
}

TEST(Elsewhere, WhatWasDoneThereIsNotDoneTwiceAndIsToldAgain) // R44
{
    ToldHome home;
    postgres::Elsewhere elsewhere(&home);
    home.answer = std::vector<std::string>{"evicted"};
    for (int run = 0; run < 2; ++run) {
        EXPECT_THAT(must(elsewhere.create(session_of("u1", "s1"), {}, noon)),
                    ElementsAre("evicted"));
    }
    EXPECT_THAT(home.calls, ElementsAre("create s1"));
    EXPECT_THAT(must(elsewhere.end_all("u1", "", noon)), ElementsAre("evicted"));
    home.answer = std::vector<std::string>(); // for they have ended
    EXPECT_THAT(must(elsewhere.end_all("u1", "", noon)), ElementsAre("evicted"));
}

} // namespace
} // namespace gatehouse::auth
