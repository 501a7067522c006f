#include "auth/json/reader.hpp"
#include "auth/tokens/claim_text.hpp"
#include "auth/tokens/told_claims.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::auth {
namespace {

using testing::ElementsAre;

std::string text(std::vector<std::string> values, std::optional<std::string> join = {},
                 std::uint64_t most = 1024)
{
    return claim_text(values, {"X-A", "a", std::move(join), most});
}

TEST(ClaimText, IsTheValueOrTheListJoined)
{
    EXPECT_EQ(text({"ann@example.com"}), "ann@example.com");
    EXPECT_EQ(text({"two words"}), "two words");
    EXPECT_EQ(text({"a", "b"}, ","), "a,b");
    EXPECT_EQ(text({"a", "b"}, ", "), "a, b");
    EXPECT_EQ(text({"a", "b"}, " "), "a b");
    EXPECT_EQ(text({"a"}, ","), "a");
    EXPECT_EQ(text({"a,b"}), "a,b"); // nobody splits what is not joined
    EXPECT_EQ(text({}), "");
    EXPECT_EQ(text({}, ","), "");
}

TEST(ClaimText, LeavesOutWholeListsThatWouldReadAsOthers) // R22
{
    EXPECT_EQ(text({"a", "b"}), "") << "no separator";
    EXPECT_EQ(text({"a", "b,admin"}, ","), "");
    EXPECT_EQ(text({"b,admin"}, ","), "") << "one value that reads as two";
    EXPECT_EQ(text({"a", "b,admin"}, ", "), "") << "whoever splits may not ask for the blank";
    EXPECT_EQ(text({"a", "b admin"}, " "), "");
    EXPECT_EQ(text({"a", ""}, ","), "");
}

TEST(ClaimText, LeavesOutWhatAHeaderCannotCarry) // R22
{
    const std::vector<std::string> bad{
        "",   "a\r\nX-User-Id: root", "a\n", "a\r", std::string("a\0b", 3), "\x7f", "a\tb", " a",
        "a ", "Zo\xc3\xab",           "\x80"};
    for (const auto& value : bad) {
        SCOPED_TRACE(value);
        EXPECT_EQ(text({value}), "");
        EXPECT_EQ(text({"fine", value}, ","), "");
    }
}

TEST(ClaimText, LeavesOutWhatIsTooLarge)
{
    EXPECT_EQ(text({"12345"}, {}, 5), "12345");
    EXPECT_EQ(text({"123456"}, {}, 5), "");
    EXPECT_EQ(text({"12", "45"}, ",", 5), "12,45");
    EXPECT_EQ(text({"12", "456"}, ",", 5), ""); // never a part of it
}

TEST(ClaimText, IsMadeForEachHeaderOfTheSettings)
{
    config::Settings settings;
    settings.identity.headers = {
        {"X-Email", "email",     {},  1024},
        {"X-Org",   "org.roles", ",", 1024},
        {"X-None",  "none",      {},  1024},
        {"X-Roles", "roles",     " ", 1024},
    };
    const ClaimQuestions questions(settings);
    Principal principal;
    principal.roles = {"admin", "staff"};
    const auto told = questions.answer(
        *json::read(R"({"email":"a@b.c","org":{"roles":["x","y"]},"roles":["forged"]})"),
        principal);
    EXPECT_THAT(told->texts, ElementsAre("a@b.c", "x,y", "", "admin staff"));
    principal.roles = {};
    EXPECT_THAT(questions.answer_again(*told, principal)->texts,
                ElementsAre("a@b.c", "x,y", "", ""));
}

} // namespace
} // namespace gatehouse::auth
