#include "tests/auth/store/contract.hpp"

#include <gmock/gmock.h>

namespace gatehouse::auth::contract {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class HostileStringContract : public StoreContract {};

INSTANTIATE_TEST_SUITE_P(Stores, HostileStringContract, every_session_store, name_of);

struct Hostile {
    const char* name;
    std::string text;
};

// T8: what strangers type into names and send as user agents.
const Hostile hostile[] = {
    {"empty", ""},
    {"a NUL inside", std::string("a\0b", 3)},
    {"a NUL at the end", std::string("a\0", 2)},
    {"only a NUL", std::string("\0", 1)},
    {"SQL in quotes", "'; DROP TABLE users; --"},
    {"double quotes", "\"users\""},
    {"wildcards", "%_*?[a-z]"},
    {"a parameter", "?1 :id @x $y"},
    {"looks like a number", "0012"},
    {"looks like a real", "1e3"},
    {"line ends", "a\r\nX-User-Id: root\n"},
    {"invalid UTF-8", "\xff\xfe\xc0\x80"},
    {"truncated UTF-8", "\xe2\x82"},
    {"a surrogate in UTF-8", "\xed\xa0\x80"},
    {"an invisible", "a\xe2\x80\x8b"},
    {"composed", "\xc3\xa9"},
    {"decomposed", "e\xcc\x81"},
    {"all bytes",
     [] {
         std::string all;
         for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
         return all;
     }()},
    {"64 KiB", std::string(65536, 'x')},
    {"64 KiB and one byte more", std::string(65537, 'x')},
};

TEST_P(HostileStringContract, NamesAreKeptByteForByteAndNeverConfused)
{
    // All at once in one store: a name that was truncated or folded would collide with another.
    int number = 0;
    for (const auto& [name, text] : hostile) {
        SCOPED_TRACE(name);
        auto user = user_called("u" + std::to_string(++number), text);
        user.password_hash = text;
        must(store->create_user(user, {}, noon));
    }
    number = 0;
    for (const auto& [name, text] : hostile) {
        SCOPED_TRACE(name);
        const auto found = must(store->find_user_by_name(text));
        ASSERT_TRUE(found);
        EXPECT_EQ(found->id, "u" + std::to_string(++number));
        EXPECT_TRUE(found->username == text);
        EXPECT_TRUE(found->password_hash == text);
    }
    EXPECT_EQ(must(store->list_users("", 1000)).size(), std::size(hostile));
}

TEST_P(HostileStringContract, SessionsKeepWhateverAClientSent)
{
    add_user("u1");
    for (const auto& [name, text] : hostile) {
        SCOPED_TRACE(name);
        auto session = session_of("u1", "session " + text);
        session.user_agent = text;
        session.address = text;
        must(store->create_session(session, {}, noon));
        EXPECT_TRUE(must(store->find_session("session " + text))->user_agent == text);
        const auto address = text + "2";
        const auto user_agent = text + "3";
        const RotationTerms terms{noon, noon + year, address, user_agent};
        EXPECT_TRUE(must(store->rotate("session " + text, 1, terms, noon)));
        const auto after = must(store->find_session("session " + text));
        EXPECT_TRUE(after->address == address);
        EXPECT_TRUE(after->user_agent == user_agent);
    }
    EXPECT_EQ(must(store->end_sessions_of("u1", "session ", noon)).size(), std::size(hostile) - 1);
}

TEST_P(HostileStringContract, RolesAndSubjectsTravelThroughTheFeedUnharmed)
{
    add_user("u1");
    std::vector<std::string> roles;
    for (const auto& [name, text] : hostile) roles.push_back(text);
    must(store->set_roles("u1", roles, noon));
    EXPECT_TRUE(must(store->find_user("u1"))->roles == roles);
    EXPECT_TRUE(must(store->changes_after(0, 1)).at(0).roles == roles);
    EXPECT_TRUE(must(store->standing(Millis{})).changed_roles.at(0).second == roles);

    add_session("u1", roles.back());
    must(store->end_sessions_of("u1", "", noon));
    EXPECT_TRUE(must(store->changes_after(1, 1)).at(0).subject == roles.back());
}

TEST_P(HostileStringContract, InvitesAreComparedWhole)
{
    for (const auto& [name, text] : hostile) must(store->create_invite(text, noon + 1h, noon));
    int number = 0;
    for (const auto& [name, text] : hostile) {
        SCOPED_TRACE(name);
        const auto id = "u" + std::to_string(++number);
        must(store->create_user(user_called(id, id), text, noon));
        EXPECT_EQ(store->create_user(user_called("x", "x"), text, noon).error(),
                  StoreError::invite_invalid);
    }
}

TEST_P(HostileStringContract, UnknownThingsWithHostileNamesAreSimplyUnknown)
{
    add_user("u1");
    add_session("u1", "s1");
    for (const auto& [name, text] : hostile) {
        SCOPED_TRACE(name);
        EXPECT_FALSE(must(store->find_user(text)));
        EXPECT_FALSE(must(store->find_session(text)));
        EXPECT_FALSE(must(store->end_session(text, noon)));
        EXPECT_FALSE(must(store->rotate(text, 1, refreshed(noon), noon)));
        EXPECT_THAT(must(store->end_sessions_of(text, text, noon)), IsEmpty());
    }
    EXPECT_THAT(story(), IsEmpty());
    EXPECT_TRUE(must(store->find_user("u1")));
    EXPECT_FALSE(must(store->find_session("s1"))->ended_at);
}

} // namespace
} // namespace gatehouse::auth::contract
