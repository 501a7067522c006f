#include "gateway/compress/encoded_head.hpp"

#include <gtest/gtest.h>

namespace gatehouse::gateway {
namespace {

std::string written(const ResponseHead& head)
{
    std::string text;
    for (const auto& field : head.fields)
        text.append(field.name).append(": ").append(field.value).append("|");
    return text;
}

TEST(EncodedHead, LetsGoOfWhatIsTrueOfTheBytesAlone)
{
    ResponseHead head;
    head.fields = {
        {"Content-Length", "5"         },
        {"ETag",           "\"a\""     },
        {"Last-Modified",  "yesterday" },
        {"accept-ranges",  "bytes"     },
        {"Content-Type",   "text/plain"}
    };
    std::string etag;
    let_go_of_bytes(head, etag);
    EXPECT_EQ(written(head), "ETag: W/\"a\"|Last-Modified: yesterday|Content-Type: text/plain|");
    let_go_of_bytes(head, etag); // weak already
    EXPECT_EQ(head.fields.front().value, "W/\"a\"");
}

TEST(EncodedHead, KeepsWhatIsNoETag)
{
    for (const std::string_view etag : {"W/\"a\"", "a", "", "w/\"a\""}) {
        ResponseHead head;
        head.fields = {
            {"ETag", etag}
        };
        std::string room;
        let_go_of_bytes(head, room);
        EXPECT_EQ(head.fields.front().value, etag);
    }
}

TEST(EncodedHead, NamesA304AsItWasAskedFor)
{
    struct Row {
        std::string_view asked;
        std::string_view said;
        std::string_view named;
    };

    constexpr Row rows[] = {
        {"W/\"a\"",        "\"a\"",   "W/\"a\""},
        {"\"b\", W/\"a\"", "\"a\"",   "W/\"a\""},
        {"\"a\"",          "\"a\"",   "\"a\""  },
        {"W/\"b\"",        "\"a\"",   "\"a\""  },
        {"*",              "\"a\"",   "\"a\""  },
        {"W/\"a\"",        "W/\"a\"", "W/\"a\""},
    };
    for (const auto& row : rows) {
        ResponseHead head;
        head.fields = {
            {"ETag", row.said}
        };
        const std::vector<Field> request{
            {"if-none-match", row.asked}
        };
        std::string room;
        name_as_asked(head, request, room);
        EXPECT_EQ(head.fields.front().value, row.named) << row.asked;
    }
}

TEST(EncodedHead, KnowsWhatSaysThatItVaries)
{
    const auto varies = [](std::string_view value) {
        const std::vector<Field> fields{
            {"vary", value}
        };
        return varies_by_coding(fields);
    };
    EXPECT_TRUE(varies("accept-encoding"));
    EXPECT_TRUE(varies("Origin , Accept-Encoding"));
    EXPECT_TRUE(varies("*"));
    EXPECT_FALSE(varies("Accept"));
    EXPECT_FALSE(varies("X-Accept-Encoding, Origin"));
    EXPECT_FALSE(varies_by_coding({}));
}

} // namespace
} // namespace gatehouse::gateway
