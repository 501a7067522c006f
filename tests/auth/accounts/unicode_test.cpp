#include "auth/accounts/unicode.hpp"

#include <gtest/gtest.h>
#include <utf8proc.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <initializer_list>
#include <optional>
#include <random>
#include <string>

namespace gatehouse::auth {
namespace {

std::string utf8_of(std::initializer_list<char32_t> points)
{
    std::string out;
    for (const auto point : points) {
        std::array<utf8proc_uint8_t, 4> bytes{};
        const auto size = utf8proc_encode_char(static_cast<utf8proc_int32_t>(point), bytes.data());
        out.append(bytes.begin(), bytes.begin() + size);
    }
    return out;
}

/// By the library alone.
std::optional<std::string> nfc_of_the_library(const std::string& text)
{
    utf8proc_uint8_t* out = nullptr;
    std::basic_string<utf8proc_uint8_t> bytes(text.begin(), text.end());
    const auto size =
        utf8proc_map(bytes.data(), static_cast<utf8proc_ssize_t>(bytes.size()), &out,
                     static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
    if (size < 0) return std::nullopt;
    std::string result(out, out + size);
    std::free(out);
    return result;
}

TEST(Unicode, ComposesAsTheLibraryDoes)
{
    const std::string cases[] = {
        "",
        "plain",
        std::string("a\0b", 3),
        "e\u0301",                   // one character
        "a\u0301\u0323",             // marks in the other order
        "a\u0323\u0301",             // and as they belong
        "q\u0307\u0323\u0344\u0345", // one that is two
        "\u0F40\u0F73\u0F71\u0F75",  // whose class shows when they are taken apart
        "\u0301\u0323x",             // without a letter
        "\u1112\u1161\u11AB\uD55C",  // Hangul
        "\uFB01\u212B\u1E9B\u0323",
        "\U0001D15E\U0001F600",
        "\xC0\xAF",
        "a\xED\xA0\x80",
        "a\xCC",
    };
    for (const auto& text : cases) {
        SCOPED_TRACE(text);
        if (text.empty()) {
            EXPECT_EQ(to_nfc(text), "");
        } else {
            EXPECT_EQ(to_nfc(text), nfc_of_the_library(text));
        }
    }
    std::mt19937 random(7); // NOLINT(cert-msc32-c,cert-msc51-cpp): the same cases each time
    std::uniform_int_distribution<char32_t> anywhere(1, 0x2FFF);
    std::uniform_int_distribution<char32_t> mark(0x300, 0x36F);
    for (int round = 0; round < 2000; ++round) {
        std::string text;
        for (int at = 0; at < 12; ++at)
            text += utf8_of({at % 3 == 0 ? anywhere(random) : mark(random)});
        ASSERT_EQ(to_nfc(text), nfc_of_the_library(text)) << text;
    }
}

/// A password may come in 16 KiB of marks, and every one of them before its turn.
TEST(Unicode, TakesTimeInProportionToTheMarksBehindALetter)
{
    for (const char32_t later : {U'\u0301', U'\u0F73'}) {
        std::string text = "a";
        for (int i = 0; i < 100'000; ++i) text += utf8_of({later});
        for (int i = 0; i < 100'000; ++i) text += utf8_of({U'\u0F71', U'\u0323'});
        const auto begin = std::chrono::steady_clock::now();
        EXPECT_TRUE(to_nfc(text));
        EXPECT_TRUE(to_nfkc_casefold(text));
        EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds{5});
    }
}

} // namespace
} // namespace gatehouse::auth
