#include "auth/accounts/names.hpp"
#include "auth/accounts/unicode.hpp"

#include <gtest/gtest.h>

#include <random>

namespace gatehouse::auth {
namespace {

std::string repeated(std::string_view what, int times)
{
    std::string text;
    for (int i = 0; i < times; ++i) text += what;
    return text;
}

TEST(Username, IsComparedWithoutCaseWidthOrCompositionButShownAsWritten) // R57
{
    const struct {
        const char* name;
        std::string text;
        const char* folded;
    } cases[] = {
        {"plain",             "ann",                   "ann"               },
        {"upper case",        "ANN",                   "ann"               },
        {"full width",        "\uFF21\uFF4E\uFF4E",    "ann"               },
        {"mathematical bold", "\U0001D41A\U0001D427n", "ann"               },
        {"composed",          "\u00C4rger",            "\u00E4rger"        },
        {"decomposed",        "A\u0308rger",           "\u00E4rger"        },
        {"sharp s",           "Stra\u00DFe",           "strasse"           },
        {"capital sharp s",   "STRA\u1E9EE",           "strasse"           },
        {"final sigma",       "\u039F\u03A3",          "\u03BF\u03C3"      },
        {"ligature",          "\uFB01n",               "fin"               },
        {"superscript",       "ann\u00B2",             "ann2"              },
        {"inner space",       "Ann Lee",               "ann lee"           },
        {"Chinese",           "\u738B\u5C0F\u660E",    "\u738B\u5C0F\u660E"},
        {"emoji",             "\U0001F98A",            "\U0001F98A"        },
        {"Kelvin sign",       "\u212Aim",              "kim"               },
    };

    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto name = read_username(c.text);
        ASSERT_TRUE(name.has_value()) << name.error();
        EXPECT_EQ(name->folded, c.folded);
        EXPECT_EQ(fold_name(c.text), c.folded);
    }
    EXPECT_EQ(read_username("Ann")->shown, "Ann");
    EXPECT_EQ(read_username("A\u0308")->shown, "\u00C4") << "NFC";
}

TEST(Username, RefusesWhatCannotBeSeenOrMisleads) // R57
{
    const struct {
        const char* name;
        std::string text;
        NameError expected;
    } cases[] = {
        {"nothing", "", NameError::empty},
        {"NUL", std::string("a\0b", 3), NameError::unseen_character},
        {"newline", "a\nb", NameError::unseen_character},
        {"tab", "a\tb", NameError::unseen_character},
        {"escape", "a\x1b[31m", NameError::unseen_character},
        {"DEL", "a\x7f", NameError::unseen_character},
        {"C1 control", "a\u0085b", NameError::unseen_character},
        {"zero width space", "a\u200Bb", NameError::unseen_character},
        {"zero width joiner", "a\u200Db", NameError::unseen_character},
        {"zero width non-joiner", "a\u200Cb", NameError::unseen_character},
        {"word joiner", "a\u2060b", NameError::unseen_character},
        {"byte order mark", "\uFEFFann", NameError::unseen_character},
        {"soft hyphen", "a\u00ADb", NameError::unseen_character},
        {"combining grapheme joiner", "a\u034Fb", NameError::unseen_character},
        {"variation selector", "a\uFE0F", NameError::unseen_character},
        {"ideographic variation", "a\U000E0100", NameError::unseen_character},
        {"tag character", "a\U000E0041", NameError::unseen_character},
        {"Hangul filler", "a\u3164b", NameError::unseen_character},
        {"half-width Hangul filler", "\uFFA0", NameError::unseen_character},
        {"blank braille", "\u2800", NameError::unseen_character},
        {"right-to-left override", "a\u202Eb", NameError::unseen_character},
        {"left-to-right embedding", "a\u202Ab", NameError::unseen_character},
        {"bidi isolate", "a\u2066b", NameError::unseen_character},
        {"right-to-left mark", "a\u200Fb", NameError::unseen_character},
        {"Arabic letter mark", "a\u061Cb", NameError::unseen_character},
        {"line separator", "a\u2028b", NameError::unseen_character},
        {"paragraph separator", "a\u2029b", NameError::unseen_character},
        {"no-break space", "a\u00A0b", NameError::unseen_character},
        {"em space", "a\u2003b", NameError::unseen_character},
        {"ideographic space", "a\u3000b", NameError::unseen_character},
        {"private use", "\uE000", NameError::unseen_character},
        {"noncharacter", "\uFFFE", NameError::unseen_character},
        {"unassigned", "\u0378", NameError::unseen_character},
        {"replacement character", "\uFFFD", NameError::unseen_character},
        {"begins with a mark", "\u0301a", NameError::unseen_character},
        {"leading space", " ann", NameError::outer_space},
        {"trailing space", "ann ", NameError::outer_space},
        {"two spaces", "ann  lee", NameError::outer_space},
        {"folds to a leading space", "\u00A8a", NameError::outer_space},
        {"at sign", "a@b", NameError::at_sign},
        {"full-width at sign", "a\uFF20b", NameError::at_sign},
        {"small at sign", "a\uFE6Bb", NameError::at_sign},
        {"lone continuation byte", "a\x80", NameError::not_text},
        {"cut short", "a\xC3", NameError::not_text},
        {"overlong slash", "\xC0\xAF", NameError::not_text},
        {"surrogate", "\xED\xA0\x80", NameError::not_text},
        {"surrogate pair", "\xED\xA0\xBD\xED\xB8\x80", NameError::not_text},
        {"above U+10FFFF", "\xF4\x90\x80\x80", NameError::not_text},
        {"65 characters", repeated("a", 65), NameError::too_long},
        {"65 characters of 2 bytes", repeated("\u00E4", 65), NameError::too_long},
        {"grows when folded", repeated("\uFDFA", 64), NameError::too_long},
    };

    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto name = read_username(c.text);
        ASSERT_FALSE(name.has_value()) << name->folded;
        EXPECT_EQ(name.error(), c.expected);
        EXPECT_NE(explain(name.error()), "");
    }
    EXPECT_TRUE(read_username(repeated("a", 64)).has_value());
    EXPECT_TRUE(read_username(repeated("\U0001F98A", 64)).has_value());
}

TEST(Email, IsCheckedReasonably)
{
    const struct {
        std::string text;
        bool fine;
    } cases[] = {
        {"ann@example.com", true},
        {"Ann.Lee+tag@Example.COM", true},
        {"o'hara@mail.example.co.uk", true},
        {"ann@localhost", true},
        {"\u00E4nn@b\u00FCcher.example", true},
        {repeated("a", 64) + "@example.com", true},
        {"ann", false},
        {"@example.com", false},
        {"ann@", false},
        {"ann@@example.com", false},
        {"a@b@example.com", false},
        {"ann@example..com", false},
        {"ann@.example.com", false},
        {"ann@example.com.", false},
        {"ann@-example.com", false},
        {"ann@example-.com", false},
        {"ann@exam_ple.com", false},
        {"ann@[127.0.0.1]", false},
        {".ann@example.com", false},
        {"ann.@example.com", false},
        {"a..b@example.com", false},
        {"\"ann\"@example.com", false},
        {"ann lee@example.com", false},
        {"ann@exam ple.com", false},
        {" ann@example.com", false},
        {"ann@example.com\r\nBcc: x@example.com", false},
        {"ann@example.com\u200B", false},
        {"<ann@example.com>", false},
        {"ann@example.com,bob@example.com", false},
        {"a\uFF20example.com", false},
        {"a\uFF20b@example.com", false},
        {repeated("a", 65) + "@example.com", false},
        {"ann@" + repeated("a", 64) + ".com", false},
        {"ann@" + repeated("abcdefg.", 31) + "example", false},
    };

    for (const auto& c : cases) EXPECT_EQ(read_email(c.text).has_value(), c.fine) << c.text;
    EXPECT_EQ(read_email("Ann@Example.COM")->folded, "ann@example.com");
    EXPECT_EQ(read_email("Ann@Example.COM")->shown, "Ann@Example.COM");
}

TEST(FoldName, KnowsThatNobodyIsCalledSo)
{
    EXPECT_EQ(fold_name("Ann@Example.com"), "ann@example.com");
    EXPECT_EQ(fold_name("a\u200Bnn"), std::nullopt) << "not ann";
    EXPECT_EQ(fold_name("ann "), std::nullopt);
    EXPECT_EQ(fold_name(std::string(10'000, 'a')), std::nullopt);
    EXPECT_EQ(fold_name("\xFF"), std::nullopt);
}

TEST(Folding, ChangesNothingTheSecondTime)
{
    std::mt19937 random(11);
    const auto utf8 = [](char32_t c) {
        std::string out;
        const auto byte = [&](char32_t bits) { out += static_cast<char>(bits); };
        if (c < 0x80) {
            byte(c);
        } else if (c < 0x800) {
            byte(0xC0 | c >> 6U), byte(0x80 | (c & 0x3F));
        } else if (c < 0x10000) {
            byte(0xE0 | c >> 12U), byte(0x80 | (c >> 6U & 0x3F)), byte(0x80 | (c & 0x3F));
        } else {
            byte(0xF0 | c >> 18U), byte(0x80 | (c >> 12U & 0x3F));
            byte(0x80 | (c >> 6U & 0x3F)), byte(0x80 | (c & 0x3F));
        }
        return out;
    };
    for (char32_t c = 1; c < 0x20000; ++c) {
        if (c >= 0xD800 && c <= 0xDFFF) continue;
        const auto neighbour = static_cast<char32_t>(0x300 + random() % 0x70);
        for (const auto& text :
             {utf8(c), utf8(c) + utf8(neighbour), "a" + utf8(neighbour) + utf8(c)}) {
            const auto once = to_nfkc_casefold(text);
            ASSERT_TRUE(once.has_value());
            ASSERT_EQ(to_nfkc_casefold(*once), once) << std::hex << static_cast<unsigned>(c);
        }
    }
}

} // namespace
} // namespace gatehouse::auth
