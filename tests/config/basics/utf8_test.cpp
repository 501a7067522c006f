#include "config/basics/utf8.hpp"

#include <gtest/gtest.h>

namespace gatehouse {
namespace {

using namespace std::string_view_literals;

TEST(Utf8, MeasuresTheFirstCharacterAndRefusesWhatIsNone)
{
    struct Case {
        const char* name;
        std::string_view text;
        std::size_t length;
    };

    const Case cases[] = {
        {"NUL",                     "\0"sv,                   1},
        {"last of one byte",        "\x7Fz"sv,                1},
        {"first of two",            "\xC2\x80z"sv,            2},
        {"last of two",             "\xDF\xBFz"sv,            2},
        {"first of three",          "\xE0\xA0\x80z"sv,        3},
        {"below the surrogates",    "\xED\x9F\xBF"sv,         3},
        {"above the surrogates",    "\xEE\x80\x80"sv,         3},
        {"first of four",           "\xF0\x90\x80\x80"sv,     4},
        {"U+10FFFF",                "\xF4\x8F\xBF\xBF"sv,     4},
        {"nothing",                 ""sv,                     0},
        {"a second byte first",     "\x80"sv,                 0},
        {"overlong, two",           "\xC1\xBF"sv,             0},
        {"overlong, three",         "\xE0\x9F\xBF"sv,         0},
        {"overlong, four",          "\xF0\x8F\xBF\xBF"sv,     0},
        {"a high surrogate",        "\xED\xA0\x80"sv,         0},
        {"above U+10FFFF",          "\xF4\x90\x80\x80"sv,     0},
        {"five bytes",              "\xF8\x88\x80\x80\x80"sv, 0},
        {"cut off",                 "\xF0\x90\x80"sv,         0},
        {"third byte is a letter",  "\xE1\x80z"sv,            0},
        {"fourth byte is a letter", "\xF1\x80\x80z"sv,        0},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        EXPECT_EQ(utf8_length(c.text), c.length);
    }
}

TEST(Utf8, AppendsWhatItMeasures)
{
    for (const char32_t code : {U'\0', U'\x7F', U'\x80', U'\u07FF', U'\u0800', U'\uD7FF', U'\uE000',
                                U'\uFFFF', U'\U00010000', U'\U0010FFFF'}) {
        SCOPED_TRACE(static_cast<std::uint32_t>(code));
        std::string text;
        append_utf8(text, code);
        EXPECT_EQ(utf8_length(text), text.size());
    }
}

} // namespace
} // namespace gatehouse
