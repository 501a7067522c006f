#include "gateway/compress/compressible.hpp"

#include <gtest/gtest.h>

namespace gatehouse::gateway {
namespace {

ResponseHead answer(std::vector<Field> fields = {}, unsigned status = 200,
                    std::string_view type = "text/html; charset=utf-8")
{
    ResponseHead head;
    head.status = status;
    head.fields = std::move(fields);
    if (!type.empty()) head.fields.push_back({"content-type", type});
    head.framing = {BodyKind::chunked, 0};
    return head;
}

bool is_good(const ResponseHead& head)
{
    return is_compressible(head, config::RouteCompressionSettings{});
}

TEST(Compressible, GoesByStatus)
{
    for (const unsigned status : {200U, 201U, 203U, 301U, 400U, 404U, 500U, 503U})
        EXPECT_TRUE(is_good(answer({}, status))) << status;
    for (const unsigned status : {100U, 101U, 103U, 204U, 205U, 206U, 226U, 304U})
        EXPECT_FALSE(is_good(answer({}, status))) << status;
}

TEST(Compressible, GoesByType)
{
    for (const std::string_view type :
         {"text/html", "TEXT/Plain", "text/css;charset=utf-8", "application/json",
          "application/problem+json", "application/atom+xml ; a=b", "image/svg+xml"})
        EXPECT_TRUE(is_good(answer({}, 200, type))) << type;
    for (const std::string_view type :
         {"", "text", "text/", "image/png", "application/octet-stream", "application/+json",
          "application/jsonp", "video/mp4", "text/event-stream",
          "Text/Event-Stream; charset=utf-8"})
        EXPECT_FALSE(is_good(answer({}, 200, type))) << type;
    EXPECT_FALSE(is_good(answer({
        {"Content-Type", "text/html"}
    }))); // twice
}

TEST(Compressible, IsNothingWhoseBytesAreMeant)
{
    for (const Field field : {
             Field{"Content-Encoding", "gzip"             },
             Field{"Content-Encoding", "identity"         },
             Field{"Content-Range",    "bytes 0-1/2"      },
             Field{"Content-Digest",   "sha-256=:AA==:"   },
             Field{"repr-digest",      "sha-256=:AA==:"   },
             Field{"Digest",           "sha-256=AA=="     },
             Field{"Content-MD5",      "AA=="             },
             Field{"Signature",        "a=:AA==:"         },
             Field{"Signature-Input",  "a=()"             },
             Field{"Trailer",          "Content-Digest"   },
             Field{"Cache-Control",    "no-transform"     },
             Field{"cache-control",    "a, No-Transform,b"}
    })
        EXPECT_FALSE(is_good(answer({field}))) << field.name << field.value;
    EXPECT_TRUE(is_good(answer({
        {"Cache-Control", "max-age=1, no-transformation"}
    })));
}

TEST(Compressible, GoesByLengthWhereItIsKnown)
{
    auto head = answer();
    for (const auto& [length, good] : std::vector<std::pair<std::uint64_t, bool>>{
             {0,       false},
             {1023,    false},
             {1024,    true },
             {1 << 20, true }
    }) {
        head.framing = {BodyKind::length, length};
        EXPECT_EQ(is_good(head), good) << length;
    }
    head.framing = {BodyKind::until_close, 0};
    EXPECT_TRUE(is_good(head));
    head.framing = {BodyKind::length, 0};
    config::RouteCompressionSettings all;
    all.min_size_bytes = 0;
    EXPECT_FALSE(is_compressible(head, all)); // there is nothing
    head.framing = {BodyKind::length, 1};
    EXPECT_TRUE(is_compressible(head, all));
}

TEST(Compressible, IsTheSameForHead)
{
    auto head = answer({
        {"Content-Length", "1023"}
    });
    head.framing = {};
    EXPECT_FALSE(is_good(head));
    head.fields.front().value = "1024";
    EXPECT_TRUE(is_good(head));
    head.fields.front().value = "x";
    EXPECT_TRUE(is_good(head));
}

} // namespace
} // namespace gatehouse::gateway
