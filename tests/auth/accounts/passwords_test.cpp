#include "auth/accounts/passwords.hpp"

#include <gtest/gtest.h>

#include <optional>

namespace gatehouse::auth {
namespace {

std::string repeated(std::string_view what, int times)
{
    std::string text;
    for (int i = 0; i < times; ++i) text += what;
    return text;
}

TEST(NewPassword, IsJudgedByItsLengthInCharactersAndNothingElse) // R50
{
    const struct {
        const char* name;
        std::string text;
        std::optional<PasswordError> expected;
    } cases[] = {
        {"seven", "abcdefg", PasswordError::too_short},
        {"eight", "abcdefgh", {}},
        {"eight spaces", "        ", {}},
        {"seven of two bytes", repeated("\u00E4", 7), PasswordError::too_short},
        {"eight of four bytes", repeated("\U0001F98A", 8), {}},
        {"eight marks make four", repeated("a\u0308", 4), PasswordError::too_short},
        {"sixteen marks make eight", repeated("a\u0308", 8), {}},
        {"256", repeated("a", 256), {}},
        {"256 of four bytes", repeated("\U0001F98A", 256), {}},
        {"257", repeated("a", 257), PasswordError::too_long},
        {"controls are fine", "abc\t\n\x1b\x7f\x01", {}},
        {"but not NUL", std::string("abcdefg\0h", 9), PasswordError::nul},
        {"nor half a character", "abcdefgh\xC3", PasswordError::not_text},
        {"nor a surrogate", "abcdefgh\xED\xA0\x80", PasswordError::not_text},
        {"nothing", "", PasswordError::too_short},
    };

    const config::PasswordSettings settings;
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto password = read_new_password(Secret(c.text), settings);
        EXPECT_EQ(password.has_value() ? std::nullopt : std::optional(password.error()),
                  c.expected);
    }
}

TEST(NewPassword, IsNeverCutToWhatBcryptReads) // R50
{
    config::PasswordSettings settings;
    settings.hash = config::PasswordHash::bcrypt;
    EXPECT_TRUE(read_new_password(Secret(repeated("a", 72)), settings).has_value());
    EXPECT_EQ(read_new_password(Secret(repeated("a", 73)), settings).error(),
              PasswordError::too_long_for_bcrypt);
    EXPECT_EQ(read_new_password(Secret(repeated("\u00E4", 37)), settings).error(),
              PasswordError::too_long_for_bcrypt)
        << "bytes count here";
}

TEST(NewPassword, FollowsTheSettings)
{
    config::PasswordSettings settings;
    settings.min_length = 15;
    settings.max_length = 20;
    EXPECT_EQ(read_new_password(Secret(repeated("a", 14)), settings).error(),
              PasswordError::too_short);
    EXPECT_TRUE(read_new_password(Secret(repeated("a", 15)), settings).has_value());
    EXPECT_EQ(read_new_password(Secret(repeated("a", 21)), settings).error(),
              PasswordError::too_long);
    EXPECT_EQ(explain(PasswordError::too_short, settings), "must have at least 15 characters");
    EXPECT_EQ(explain(PasswordError::too_long, settings), "must have at most 20 characters");
}

TEST(Password, IsTheSameHoweverTheKeyboardComposedIt)
{
    const auto set = read_new_password(Secret("\u00C4rgerlich"), {});
    EXPECT_EQ(read_password(Secret("A\u0308rgerlich")).reveal(), set->reveal());
    EXPECT_NE(read_password(Secret("a\u0308rgerlich")).reveal(), set->reveal()) << "case counts";
    EXPECT_NE(read_password(Secret("\uFF21rgerlich")).reveal(),
              read_password(Secret("Argerlich")).reveal())
        << "and so does width";
}

TEST(Password, IsNotJudgedWhenItIsOnlyCompared)
{
    for (const auto& text : {std::string(), std::string("short"), repeated("a", 10'000),
                             std::string("a\0b", 3), std::string("\xFF\xFE")}) {
        EXPECT_EQ(read_password(Secret(text)).reveal(), text);
    }
}

} // namespace
} // namespace gatehouse::auth
