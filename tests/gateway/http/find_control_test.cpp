#include "gateway/http/find_control.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse::gateway {
namespace {

TEST(FindControl, FindsEveryControlByteAtEveryPlace)
{
    for (int value = 0; value < 256; ++value) {
        const char c = static_cast<char>(value);
        const bool control = (value < 0x20 && value != '\t') || value == 0x7f;
        std::string text(170, 'x');
        for (std::size_t at = 0; at < text.size(); text[at++] = 'x') {
            text[at] = c;
            ASSERT_EQ(find_control(text, 0), control ? at : text.npos) << value << " at " << at;
        }
    }
}

TEST(FindControl, FindsTheFirstOfSeveralFromWhereItIsTold)
{
    std::string text(100, '\t');
    text[3] = text[40] = text[99] = '\n';
    for (std::size_t from = 0; from <= text.size(); ++from) {
        const auto expected = from <= 3    ? std::size_t{3}
                              : from <= 40 ? std::size_t{40}
                              : from <= 99 ? std::size_t{99}
                                           : text.npos;
        EXPECT_EQ(find_control(text, from), expected) << from;
        EXPECT_EQ(find_control_bytewise(text, from), expected) << from;
    }
}

TEST(FindControl, LooksAtNothingBehindTheText)
{
    const std::string text = std::string(171, 'x') + '\n';
    for (std::size_t size = 0; size < text.size(); ++size) {
        EXPECT_EQ(find_control(std::string_view(text).substr(0, size), 0), text.npos) << size;
    }
}

} // namespace
} // namespace gatehouse::gateway
