#include "config/load/load.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::config {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

TEST(Compression, HasKeysWithBounds)
{
    struct Case {
        const char* compression;
        const char* expected; // "": nothing is wrong
    };

    const Case cases[] = {
        {"",                                      ""                               },
        {"encodings: [gzip]",                     ""                               },
        {"encodings: [br, zstd], level: high",    ""                               },
        {"types: [text/*, 'application/*+json']", ""                               },
        {"min_size: 0",                           ""                               },
        {"encodings: [deflate]",                  "routes[0].compression.encodings"},
        {"encodings: [GZIP]",                     "is no encoding we know"         },
        {"types: ['*/*']",                        "routes[0].compression.types"    },
        {"types: [text]",                         "is no media type"               },
        {"types: [Text/HTML]",                    "is no media type"               },
        {"types: ['text/html; charset=utf-8']",   "is no media type"               },
        {"types: ['text/*html']",                 "is no media type"               },
        {"types: [text/event-stream]",            "is never compressed"            },
        {"encodings: []",                         "encodings: is empty"            },
        {"types: []",                             "types: is empty"                },
        {"level: 9",                              "routes[0].compression.level"    },
        {"min_size: 2GiB",                        "routes[0].compression.min_size" },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.compression);
        const auto text = fmt::format(
            "routes: [{{match: /**, to: 'http://a:1', auth: none, compression: {{{}}}}}]\n",
            c.compression);
        const auto errors = to_string(load_text(text, "g.yaml", {}).errors);
        if (*c.expected == '\0') {
            EXPECT_THAT(errors, IsEmpty());
        } else {
            EXPECT_THAT(errors, HasSubstr(c.expected));
        }
    }
}

TEST(Compression, IsOffWhereNobodySaysSo)
{
    const auto loaded =
        load_text("routes: [{match: /**, to: 'http://a:1', auth: none}]\n", "g.yaml", {});
    EXPECT_FALSE(loaded.settings.routes.front().compression);
}

} // namespace
} // namespace gatehouse::config
