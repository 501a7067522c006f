#include "auth/json/reader.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace gatehouse::auth::json {
namespace {

using namespace std::string_literals;

[[nodiscard]] std::string nested(std::size_t depth)
{
    return std::string(depth, '[') + std::string(depth, ']');
}

// R56, R32
TEST(JsonReader, RefusesWhatIsNotOneStrictValue)
{
    struct Case {
        const char* name;
        std::string text;
        std::optional<ReadError> refused;
    };

    const Case cases[] = {
        {"nothing at all", "", ReadError::syntax},
        {"only white space", " \r\n\t", ReadError::syntax},
        {"white space around a value", " \r\n\t{ } \n", {}},
        {"a form feed is no white space", "\f1", ReadError::syntax},
        {"a byte order mark", "\xEF\xBB\xBF{}", ReadError::syntax},
        {"a second value", "{} {}", ReadError::syntax},
        {"a NUL byte behind the value", "{}\0"s, ReadError::syntax},
        {"a comma behind the value", "{},", ReadError::syntax},

        {"an object that does not end", R"({"a":1)", ReadError::syntax},
        {"a comma before the end of an object", R"({"a":1,})", ReadError::syntax},
        {"a comma before the end of an array", "[1,]", ReadError::syntax},
        {"no comma", "[1 2]", ReadError::syntax},
        {"two commas", "[1,,2]", ReadError::syntax},
        {"a name without quotes", "{a:1}", ReadError::syntax},
        {"a name in single quotes", "{'a':1}", ReadError::syntax},
        {"a number as name", "{1:1}", ReadError::syntax},
        {"no colon", R"({"a" 1})", ReadError::syntax},
        {"no value", R"({"a":})", ReadError::syntax},
        {"an array closed as an object", "[1}", ReadError::syntax},
        {"a comment", "/**/1", ReadError::syntax},

        {"a word in another case", "True", ReadError::syntax},
        {"half a word", "nul", ReadError::syntax},
        {"a word with a tail", "nullx", ReadError::syntax},
        {"NaN", "NaN", ReadError::syntax},
        {"Infinity", "-Infinity", ReadError::syntax},

        {"zero", "0", {}},
        {"minus zero", "-0", {}},
        {"a leading zero", "01", ReadError::syntax},
        {"a leading zero behind minus", "-01", ReadError::syntax},
        {"a plus", "+1", ReadError::syntax},
        {"only minus", "-", ReadError::syntax},
        {"no digit before the point", ".5", ReadError::syntax},
        {"no digit behind the point", "1.", ReadError::syntax},
        {"no digit in the exponent", "1e", ReadError::syntax},
        {"a sign and no digit in the exponent", "1e+", ReadError::syntax},
        {"a hexadecimal number", "0x10", ReadError::syntax},
        {"an exponent", "1E+2", {}},
        {"too large for a double", "1e400", ReadError::number_range},
        {"too large and negative", "-1e400", ReadError::number_range},
        {"larger than 64 bits but a double", "18446744073709551616", {}},

        {"the same name twice", R"({"a":1,"b":2,"a":1})", ReadError::duplicate_member},
        {"the same name in another spelling", R"({"a":1,"\u0061":1})", ReadError::duplicate_member},
        {"the same name twice further in", R"([{"x":{"a":1,"a":2}}])", ReadError::duplicate_member},
        {"the same name in another object", R"({"a":{"a":1}})", {}},
        {"names that differ in case", R"({"a":1,"A":1})", {}},

        {"as deep as allowed", nested(16), {}},
        {"one deeper", nested(17), ReadError::too_deep},
        {"objects count, too", R"({"a":)" + nested(16) + "}", ReadError::too_deep},
        {"very deep", std::string(200'000, '['), ReadError::too_deep},

        {"a string that does not end", R"("abc)", ReadError::syntax},
        {"a line end in a string", "\"a\nb\"", ReadError::syntax},
        {"a NUL byte in a string", "\"a\0b\""s, ReadError::syntax},
        {"DEL in a string", "\"\x7F\"", {}},
        {"an unknown escape", R"("\x41")", ReadError::syntax},
        {"an escaped single quote", R"("\'")", ReadError::syntax},
        {"a backslash at the end", "\"\\", ReadError::syntax},
        {"three hex digits", R"("\u123")", ReadError::syntax},
        {"no hex digits", R"("\u12g4")", ReadError::syntax},
        {"a sign among the hex digits", R"("\u-123")", ReadError::syntax},
        {"U+0000 by escape", R"("a\u0000b")", ReadError::bad_text},
        {"U+0000 by escape in a name", R"({"a\u0000b":1})", ReadError::bad_text},
        {"a pair of surrogates", R"("\uD83D\uDE00")", {}},
        {"a high surrogate alone", R"("\uD83D")", ReadError::bad_text},
        {"a high surrogate and a letter", R"("\uD83Dx")", ReadError::bad_text},
        {"a high surrogate and another escape", R"("\uD83D\u0041")", ReadError::bad_text},
        {"two high surrogates", R"("\uD83D\uD83D")", ReadError::bad_text},
        {"a low surrogate alone", R"("\uDE00")", ReadError::bad_text},
        {"a pair the wrong way round", R"("\uDE00\uD83D")", ReadError::bad_text},

        {"UTF-8 of two, three and four bytes", "\"\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80\"", {}},
        {"a lone continuation byte", "\"\x80\"", ReadError::bad_text},
        {"a cut-off character", "\"\xE2\x82\"", ReadError::bad_text},
        {"overlong, two bytes", "\"\xC0\xAF\"", ReadError::bad_text},
        {"overlong, three bytes", "\"\xE0\x80\xAF\"", ReadError::bad_text},
        {"overlong, four bytes", "\"\xF0\x80\x80\xAF\"", ReadError::bad_text},
        {"a surrogate as UTF-8", "\"\xED\xA0\x80\"", ReadError::bad_text},
        {"above U+10FFFF", "\"\xF4\x90\x80\x80\"", ReadError::bad_text},
        {"0xFF", "\"\xFF\"", ReadError::bad_text},
        {"bad UTF-8 in a name", "{\"\xFF\":1}", ReadError::bad_text},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto value = read(c.text);
        EXPECT_EQ(value.has_value(), !c.refused);
        if (c.refused && !value) EXPECT_EQ(value.error(), *c.refused);
    }
}

TEST(JsonReader, KeepsWhatWasWritten)
{
    const auto read_back = read(R"({"name":"a\"\\\/\b\f\n\r\t\u00e9\uD83D\uDE00","whole":-12,
        "big":9223372036854775807,"bigger":9223372036854775808,"real":1.5e3,"yes":true,"no":false,
        "nothing":null,"list":[1,[2],{}]})");
    ASSERT_TRUE(read_back);
    const auto& value = *read_back;
    EXPECT_EQ(*value.find_string("name"), "a\"\\/\b\f\n\r\t\xC3\xA9\xF0\x9F\x98\x80");
    EXPECT_EQ(value.find_integer("whole"), -12);
    EXPECT_EQ(value.find_integer("big"), 9223372036854775807);
    EXPECT_EQ(value.find_integer("bigger"), std::nullopt);
    EXPECT_EQ(value.find("bigger")->number(), 9223372036854775808.0);
    EXPECT_EQ(value.find("real")->number(), 1500.0);
    EXPECT_EQ(value.find("yes")->boolean(), true);
    EXPECT_EQ(value.find("no")->boolean(), false);
    EXPECT_TRUE(value.find("nothing")->is_null());
    ASSERT_NE(value.find("list")->array(), nullptr);
    EXPECT_EQ(value.find("list")->array()->size(), 3U);
    EXPECT_EQ(value.object()->size(), 9U);
}

TEST(JsonReader, NeverTakesOneKindForAnother)
{
    const auto value = read(R"({"n":1.0,"e":1e3,"s":"1","b":true})");
    ASSERT_TRUE(value);
    EXPECT_EQ(value->find_integer("n"), std::nullopt) << "1.0 is not written as an integer";
    EXPECT_EQ(value->find_integer("e"), std::nullopt);
    EXPECT_EQ(value->find_integer("s"), std::nullopt);
    EXPECT_EQ(value->find("s")->number(), std::nullopt);
    EXPECT_EQ(value->find_string("n"), nullptr);
    EXPECT_EQ(value->find("b")->integer(), std::nullopt);
    EXPECT_EQ(value->find("missing"), nullptr);
    EXPECT_EQ(value->find("n")->find("x"), nullptr) << "a number has no members";
}

TEST(JsonReader, LetsTheCallerDecideAboutNul)
{
    ReadRules rules;
    rules.allow_nul = true;
    const auto value = read(R"("a\u0000b")", rules);
    ASSERT_TRUE(value);
    EXPECT_EQ(*value->string(), "a\0b"s);
}

TEST(JsonReader, FindsADuplicateAmongThousandsOfNames)
{
    std::string text = "{";
    for (int i = 0; i < 5000; ++i) text += "\"m" + std::to_string(i) + "\":0,";
    EXPECT_TRUE(read(text + R"("last":0})"));
    const auto twice = read(text + R"("m2500":0})");
    ASSERT_FALSE(twice);
    EXPECT_EQ(twice.error(), ReadError::duplicate_member);
}

} // namespace
} // namespace gatehouse::auth::json
