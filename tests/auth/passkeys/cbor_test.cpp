#include "auth/passkeys/cbor.hpp"
#include "tests/auth/passkeys/cbor_writer.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace gatehouse::auth::passkeys {
namespace {

using namespace std::string_literals;
namespace write = test::cbor;

std::string nested(std::size_t depth)
{
    return std::string(depth, '\x81') + '\0';
}

TEST(Cbor, ReadsWhatAuthenticatorsWrite)
{
    const auto bytes = write::map({
        {write::integer(1),    write::integer(2)                                   },
        {write::integer(-3),   write::bytes("\x00\xFF"s)                           },
        {write::text("fmt"),   write::text("none")                                 },
        {write::text("x5c"),   write::array({write::bytes("a"), write::bytes("b")})},
        {write::integer(-257), write::integer(70'000)                              },
        {write::text("odd"),   "\xF6"s                                             },
        {write::text("float"), "\xFB\x40\x09\x21\xFB\x54\x44\x2D\x18"s             },
        {write::text("large"), "\x1B\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"s             }
    });
    const auto read = read_cbor(bytes);
    ASSERT_TRUE(read) << read.error();
    EXPECT_EQ(read->find(1)->integer(), 2);
    EXPECT_EQ(read->find(-3)->bytes(), "\x00\xFF"s);
    EXPECT_EQ(read->find("fmt")->text(), "none");
    ASSERT_NE(read->find("x5c")->array(), nullptr);
    EXPECT_EQ(read->find("x5c")->array()->at(1).bytes(), "b");
    EXPECT_EQ(read->find(-257)->integer(), 70'000);
    EXPECT_EQ(read->find("none"), nullptr);
    for (const auto* other : {"odd", "float", "large"}) {
        SCOPED_TRACE(other);
        ASSERT_NE(read->find(other), nullptr);
        EXPECT_FALSE(read->find(other)->integer());
        EXPECT_FALSE(read->find(other)->bytes());
        EXPECT_FALSE(read->find(other)->text());
    }
}

TEST(Cbor, RefusesWhatIsNotInItsOneForm)
{
    struct Case {
        const char* name;
        std::string bytes;
        std::optional<CborError> expected;
    };

    const Case cases[] = {
        {"nothing", "", CborError::cut_off},
        {"one byte for 23", "\x18\x17"s, CborError::form},
        {"one byte for 24", "\x18\x18"s, {}},
        {"two bytes for 255", "\x19\x00\xFF"s, CborError::form},
        {"two bytes for 256", "\x19\x01\x00"s, {}},
        {"four bytes for 65535", "\x1A\x00\x00\xFF\xFF"s, CborError::form},
        {"eight bytes for 2^32 - 1", "\x1B\0\0\0\0\xFF\xFF\xFF\xFF"s, CborError::form},
        {"a reserved argument", "\x1C"s, CborError::form},
        {"bytes of indefinite length", "\x5F\x41\x61\xFF"s, CborError::form},
        {"a map of indefinite length", "\xBF\xFF"s, CborError::form},
        {"a tag", "\xC0\x00"s, CborError::form},
        {"a simple value in two bytes", "\xF8\x14"s, CborError::form},
        {"a break", "\xFF"s, CborError::form},
        {"text that is not UTF-8", "\x61\xFF"s, CborError::form},
        {"a cut argument", "\x19\x01"s, CborError::cut_off},
        {"cut bytes", "\x42\x61"s, CborError::cut_off},
        {"a length beyond all memory", "\x5B\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF"s, CborError::cut_off},
        {"an array beyond all memory", "\x9B\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF"s, CborError::cut_off},
        {"a map beyond all memory", "\xBB\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF"s, CborError::cut_off},
        {"a map without its last value", "\xA1\x01"s, CborError::cut_off},
        {"one byte more", "\x01\x01"s, CborError::trailing},
        {"a key twice", "\xA2\x01\x02\x01\x03"s, CborError::duplicate},
        {"a text and bytes alike", "\xA2\x41\x61\x02\x61\x61\x03"s, {}},
        {"as deep as is allowed", nested(8), {}},
        {"deeper", nested(9), CborError::too_deep},
        {"as many as are allowed", "\x99\x01\xFF"s + std::string(511, '\x01'), {}},
        {"one more", "\x99\x02\x00"s + std::string(512, '\x01'), CborError::too_many},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto read = read_cbor(c.bytes);
        EXPECT_EQ(read ? std::nullopt : std::optional(read.error()), c.expected);
    }
}

TEST(Cbor, TakesOneItemAndLeavesTheRest)
{
    const auto bytes = write::map({
                           {write::integer(1), write::integer(2)}
    }) +
                       "rest";
    std::string_view rest = bytes;
    EXPECT_TRUE(take_cbor(rest));
    EXPECT_EQ(rest, "rest");
}

} // namespace
} // namespace gatehouse::auth::passkeys
