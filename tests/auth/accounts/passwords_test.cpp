#include "auth/accounts/common_passwords.hpp"
#include "auth/accounts/password_strength.hpp"
#include "auth/accounts/passwords.hpp"
#include "auth/accounts/unicode.hpp"

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

TEST(NewPassword, NeedsNoKindsOfCharactersOnlyEnoughOfThem) // R50
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

User called(const std::string& username, const std::string& email = {})
{
    User user;
    if (!username.empty()) user.folded_username = username;
    if (!email.empty()) user.folded_email = email;
    return user;
}

TEST(NewPassword, IsNoneOfThoseThatGuessersTryFirst) // R51
{
    for (const auto* common :
         {"password", "12345678", "qwertyuiop", "iloveyou", "trustno1", "password123", "jennifer",
          "liverpool", "1q2w3e4r", "00000000", "999999999999", "PassWord", "QWERTYUIOP",
          "\uFF50\uFF41\uFF53\uFF53\uFF57\uFF4F\uFF52\uFF44"}) {
        SCOPED_TRACE(common);
        const auto password = read_new_password(Secret(common), {});
        ASSERT_FALSE(password);
        EXPECT_EQ(password.error(), PasswordError::common);
    }
    for (const auto* own : {"passworo", "password+", "correct horse", "password\npassword1"}) {
        EXPECT_TRUE(read_new_password(Secret(own), {})) << own;
    }
}

TEST(CommonPasswords, AreFoundOneAndAll) // R51
{
    std::size_t count = 0;
    std::string_view previous;
    for (auto rest = common_password_lines(); !rest.empty(); ++count) {
        const auto end = rest.find('\n');
        ASSERT_NE(end, std::string_view::npos) << "each line ends";
        const auto word = rest.substr(0, end);
        EXPECT_LT(previous, word) << "sorted, and nothing twice";
        EXPECT_EQ(to_nfkc_casefold(word), std::string(word));
        EXPECT_TRUE(is_common_password(word)) << word;
        EXPECT_FALSE(is_common_password(std::string(word) + "\n")) << word;
        previous = word;
        rest.remove_prefix(end + 1);
    }
    EXPECT_GT(count, 20'000U);
    for (const auto* missing :
         {"", "\n", "0", "~~~~~~~~", "00000000\n000000000", "zzzzzzzzzzzzz"}) {
        EXPECT_FALSE(is_common_password(missing)) << missing;
    }
}

TEST(NewPassword, IsNotMadeOfTheAccountsOwnNames)
{
    const struct {
        const char* password;
        User whose;
        bool refused;
    } cases[] = {
        {"grace.hopper", called("grace.hopper"), true},
        {"GRACE.Hopper", called("grace.hopper"), true},
        {"grace.hopper123", called("grace.hopper"), true},
        {"12grace.hopper3", called("grace.hopper"), true},
        {"adaadaadaada", called("ada"), true},
        {"grace.hopper1906", called("grace.hopper"), false},
        {"grace@navy.example", called("", "grace@navy.example"), true},
        {"hopper42", called("", "hopper42@navy.example"), true},
        {"hopper42", called("hopper4"), true},
        {"hopper42", called("somebody"), false},
        {"abcdefgh", called("ab"), false}, // two letters are in every other word
        {"\u00C4rgerlich", called("\u00E4rgerlich"), true},
        {"my dog is called ada", called("ada"), false},
    };

    for (const auto& c : cases) {
        SCOPED_TRACE(c.password);
        const auto password = read_new_password(Secret(c.password), {}, c.whose);
        EXPECT_EQ(!password, c.refused);
        if (!password) {
            EXPECT_EQ(password.error(), PasswordError::like_name);
        }
    }
}

TEST(NewPassword, IsAsHardToGuessAsTheSettingsWant)
{
    const struct {
        const char* password;
        std::uint32_t strength;
    } cases[] = {
        {"abcdefgh",              0},
        {"summer2024!",           1},
        {"correct horse",         3},
        {"kx83jd92",              4},
        {"correct horse battery", 4},
    };

    for (const auto& c : cases) {
        SCOPED_TRACE(c.password);
        for (std::uint32_t least = 0; least <= 4; ++least) {
            config::PasswordSettings settings;
            settings.min_strength = least;
            const auto password = read_new_password(Secret(c.password), settings);
            EXPECT_EQ(password.has_value(), c.strength >= least) << least;
            if (!password) {
                EXPECT_EQ(password.error(), PasswordError::weak);
            }
        }
    }
}

TEST(PasswordStrength, KnowsWhatTheGuesserKnows)
{
    EXPECT_EQ(password_strength("xkqzrgvb1!", {}), 4U);
    const std::vector<std::string> names{"xkqzrgvb"};
    EXPECT_LT(password_strength("xkqzrgvb1!", names), 2U);
}

TEST(PasswordStrength, OfALongPasswordLooksAtItsBeginning)
{
    const auto start = repeated("p4ssw0rd", 13).substr(0, 100);
    EXPECT_EQ(password_strength(start + repeated("xkqzrgvb1!", 90), {}),
              password_strength(start, {}));
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
