#include "config/basics/sixteen.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>

namespace gatehouse {
namespace {

std::string every_byte()
{
    std::string all;
    for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
    return all;
}

bool is_word(char c) noexcept
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

Sixteen::Mask are_words(Sixteen bytes) noexcept
{
    return bytes.letters() | bytes.between('0', '9') | bytes.is('_');
}

TEST(Sixteen, SaysOfEveryByteWhatIsSaidOfItAlone)
{
    const auto all = every_byte();
    for (std::size_t at = 0; at + Sixteen::size <= all.size(); ++at) {
        SCOPED_TRACE(at);
        const auto bits = are_words(Sixteen(&all[at])).bits();
        for (std::size_t i = 0; i < Sixteen::size; ++i) {
            EXPECT_EQ((bits >> i & 1U) != 0, is_word(all[at + i])) << i;
        }
    }
}

TEST(Sixteen, KnowsRangesThatReachBothEnds)
{
    const auto all = every_byte();
    for (std::size_t at = 0; at + Sixteen::size <= all.size(); at += Sixteen::size) {
        SCOPED_TRACE(at);
        const Sixteen bytes(&all[at]);
        EXPECT_TRUE(bytes.between('\0', '\xff').all());
        EXPECT_EQ(bytes.between('\x80', '\xff').all(), at >= 0x80);
        EXPECT_EQ(bytes.between('\0', '\x7f').prefix(), at < 0x80 ? Sixteen::size : 0);
    }
}

TEST(Sixteen, CountsWhatStandsInFront)
{
    const std::string text = "Content-Type: text/plain";
    EXPECT_EQ((Sixteen(text.data()).letters() | Sixteen(text.data()).is('-')).prefix(), 12U);
    EXPECT_EQ(Sixteen(text.data()).is('x').prefix(), 0U);
}

TEST(Sixteen, PutsTheEndsOfATextTogetherAgain)
{
    const std::string text = "abcdefghijklmnop";
    for (std::size_t size = 8; size <= text.size(); ++size) {
        std::string copy(size, '?');
        Sixteen::ends_of(std::string_view(text).substr(0, size)).copy_ends_to(copy.data(), size);
        EXPECT_EQ(copy, text.substr(0, size));
    }
}

/// One byte in the way of a text of any size, at any place in it.
TEST(AllBytes, MissesNone)
{
    EXPECT_TRUE(all_bytes("", are_words, is_word));
    for (std::size_t size = 1; size < 70; ++size) {
        std::string text(size, 'x');
        EXPECT_TRUE(all_bytes(text, are_words, is_word)) << size;
        for (std::size_t at = 0; at < size; ++at) {
            text[at] = '-';
            EXPECT_FALSE(all_bytes(text, are_words, is_word)) << at << " of " << size;
            text[at] = 'x';
        }
    }
}

} // namespace
} // namespace gatehouse
