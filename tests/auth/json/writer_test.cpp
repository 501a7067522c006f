#include "auth/json/reader.hpp"
#include "auth/json/writer.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

namespace gatehouse::auth::json {
namespace {

using namespace std::string_literals;

TEST(JsonWriter, EscapesWhatCouldLeaveTheString)
{
    struct Case {
        const char* name;
        std::string text;
        std::string written;
    };

    const Case cases[] = {
        {"plain",                            "abc /",                                      "\"abc /\""                        },
        {"empty",                            "",                                           "\"\""                             },
        {"quote and backslash",              "a\"b\\",                                     R"("a\"b\\")"                      },
        {"the short escapes",                "\b\f\n\r\t",                                 R"("\b\f\n\r\t")"                  },
        {"other controls",                   "\0\x1F\x7F"s,                                R"("\u0000\u001f\u007f")"          },
        {"UTF-8 stays",                      "\xC3\xA9\xF0\x9F\x98\x80",                   "\"\xC3\xA9\xF0\x9F\x98\x80\""     },
        {"C1 controls",                      "\xC2\x80\xC2\x9B\xC2\x9F\xC2\xA0",           "\"\\u0080\\u009b\\u009f\xC2\xA0\""},
        {"what turns the direction of text", "\u200E\u200F\u202A\u202E\u2066\u2069\u061C",
         R"("\u200e\u200f\u202a\u202e\u2066\u2069\u061c")"                                                                    },
        {"their neighbours",                 "\u200D\u2010\u2027\u202F\u2065\u206A\u2128",
         "\"\u200D\u2010\u2027\u202F\u2065\u206A\u2128\""                                                                     },
        {"line separators of JavaScript",    "\xE2\x80\xA8\xE2\x80\xA9",                   R"("\u2028\u2029")"                },
        {"a lone byte that is no UTF-8",
         "a\xFF"
         "b",                                                                              R"("a\ufffdb")"                    },
        {"a cut-off character",              "\xE2\x82",                                   R"("\ufffd\ufffd")"                },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        EXPECT_EQ(quote(c.text), c.written);
        EXPECT_TRUE(read(quote(c.text), {.max_depth = 16, .allow_nul = true}));
    }
}

// Eight bytes are looked at together: neither the place of a byte nor its neighbour may matter.
TEST(JsonWriter, EscapesEachByteWhereverItStands)
{
    const auto inside = [](const std::string& text) {
        const auto quoted = quote(text);
        return quoted.substr(1, quoted.size() - 2);
    };
    std::vector<std::string> each;
    for (int byte = 0; byte < 256; ++byte) {
        const std::string text(1, static_cast<char>(byte));
        each.push_back(inside(text));
        const bool stays = byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\';
        EXPECT_EQ(each.back() == text, stays) << byte;
        for (std::size_t before = 0; before < 20; ++before) {
            const std::string front(before, 'a');
            ASSERT_EQ(inside(front + text), front + each.back()) << byte << " at " << before;
            ASSERT_EQ(inside(front + text + "123456789"), front + each.back() + "123456789");
        }
    }
    for (int first = 0; first < 128; ++first) {
        for (int second = 0; second < 128; ++second) {
            const std::string pair{static_cast<char>(first), static_cast<char>(second)};
            ASSERT_EQ(inside("abc" + pair + "def"), "abc" + each[first] + each[second] + "def");
        }
    }
}

TEST(JsonWriter, NeedsNoMoreRoomThanItSays)
{
    for (const auto* text : {"", "a", "\x01\x7f\xff", "\xE2\x80\xA8", "\xC2\x80", "\"\\"}) {
        EXPECT_LE(quote(text).size(), most_string_bytes(std::string_view(text).size())) << text;
    }
    EXPECT_EQ(quote(std::string(9, '\x01')).size(), most_string_bytes(9)) << "and no less";
}

TEST(JsonWriter, PutsCommasBetweenMembersOnly)
{
    std::string out;
    Writer w(out);
    w.begin_object();
    w.member("a", "x");
    w.name("empty");
    w.begin_object();
    w.end_object();
    w.name("list");
    w.begin_array();
    w.integer(std::numeric_limits<std::int64_t>::min());
    w.boolean(true);
    w.null();
    w.begin_array();
    w.end_array();
    w.string("s");
    w.end_array();
    w.member("n", 7);
    w.end_object();
    EXPECT_EQ(out, R"({"a":"x","empty":{},"list":[-9223372036854775808,true,null,[],"s"],"n":7})");
    EXPECT_TRUE(read(out));
}

} // namespace
} // namespace gatehouse::auth::json
