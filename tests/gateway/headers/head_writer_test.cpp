#include "gateway/headers/head_writer.hpp"
#include "gateway/headers/hex.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse::gateway {
namespace {

void write_all(HeadWriter& out)
{
    out.put("GET ");
    out.put('/');
    out.put(std::string_view{});
    out.field("Name", "value");
    out.field("Empty", {});
    out.put_number(18'446'744'073'709'551'615U);
}

TEST(HeadWriter, WritesOnePieceBehindTheOther)
{
    std::string room(100, '.');
    HeadWriter out(room);
    write_all(out);
    EXPECT_EQ(out.written(), "GET /Name: value\r\nEmpty: \r\n18446744073709551615");
    EXPECT_FALSE(out.overflowed());
}

TEST(HeadWriter, NeverWritesPastItsRoom)
{
    std::string enough(100, '.');
    HeadWriter whole(enough);
    write_all(whole);
    for (std::size_t size = 0; size <= whole.size(); ++size) {
        std::string room(100, '.');
        HeadWriter out({room.data(), size});
        write_all(out);
        EXPECT_EQ(out.overflowed(), size < whole.size()) << size;
        EXPECT_EQ(room.find_first_not_of('.', size), room.npos) << size;
    }
}

TEST(HeadWriter, StaysOverflowed)
{
    std::string room(4, '.');
    HeadWriter out(room);
    out.put("12345");
    out.put("1"); // would fit, but what came before it is missing
    EXPECT_TRUE(out.overflowed());
    EXPECT_EQ(out.size(), 0U);
}

TEST(PutHex, WritesEachDigitInItsPlace)
{
    char digits[hex_digits];
    const auto text = [&](std::uint64_t number) {
        put_hex(number, digits);
        return std::string(digits, hex_digits);
    };
    EXPECT_EQ(text(0), "0000000000000000");
    EXPECT_EQ(text(0x0123'4567'89ab'cdef), "0123456789abcdef");
    EXPECT_EQ(text(0xfedc'ba98'7654'3210), "fedcba9876543210");
    EXPECT_EQ(text(~std::uint64_t{0}), "ffffffffffffffff");
}

} // namespace
} // namespace gatehouse::gateway
