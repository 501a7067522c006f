#include "gateway/routing/path.hpp"
#include "tests/gateway/support/allocation_count.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse::gateway {
namespace {

using namespace std::string_view_literals;

TEST(NormalisePath, GivesEveryPathItsOneSpelling) // R23
{
    struct Case {
        std::string_view sent;
        std::string_view judged;
    };

    const Case cases[] = {
        {"/",                         "/"                        },
        {"/a",                        "/a"                       },
        {"/a/",                       "/a/"                      },
        {"/a/b.c/~d_e-f",             "/a/b.c/~d_e-f"            },
        // Dot segments: `..` takes the segment before it, also through slashes that count for one.
        {"/a/./b",                    "/a/b"                     },
        {"/a/.",                      "/a/"                      },
        {"/a/..",                     "/"                        },
        {"/a/b/..",                   "/a/"                      },
        {"/a/b/../",                  "/a/"                      },
        {"/a/b/../c",                 "/a/c"                     },
        {"/a//../b",                  "/b"                       },
        {"/a/b/.././../c",            "/c"                       },
        {"/./a",                      "/a"                       },
        {"/.",                        "/"                        },
        {"/...",                      "/..."                     },
        {"/a/.b/..c/d.",              "/a/.b/..c/d."             },
        {"/.well-known/jwks.json",    "/.well-known/jwks.json"   },
        // Slashes.
        {"//",                        "/"                        },
        {"//a",                       "/a"                       },
        {"/a//b///c",                 "/a/b/c"                   },
        {"/a//",                      "/a/"                      },
        {"//evil.example/x",          "/evil.example/x"          },
        // Unreserved escapes mean the same as their byte, in either case of the digits.
        {"/%61dmin",                  "/admin"                   },
        {"/%7Euser/%7euser",          "/~user/~user"             },
        {"/x/%2e%2e/a",               "/a"                       },
        {"/x/.%2e/a",                 "/a"                       },
        {"/x/%2E/a",                  "/x/a"                     },
        // All other escapes stay as they were sent.
        {"/%40me",                    "/%40me"                   },
        {"/a%20b/%E2%82%ac",          "/a%20b/%E2%82%ac"         },
        {"/a%3Bb%3fc%23d",            "/a%3Bb%3fc%23d"           },
        // A percent sign that cannot become another escape.
        {"/100%25",                   "/100%25"                  },
        {"/%25/41",                   "/%25/41"                  },
        {"/%25zz",                    "/%25zz"                   },
        {"/%254",                     "/%254"                    },
        {"/%25%25",                   "/%25%25"                  },
        {"/%25%20",                   "/%25%20"                  },
        // Characters that are only odd.
        {"/a!$&'()*+,=:@\"<>[]^`{|}", "/a!$&'()*+,=:@\"<>[]^`{|}"},
        {"/a%61/*/**",                "/aa/*/**"                 },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.sent);
        std::string scratch;
        const auto normal = normalise_path(c.sent, scratch);
        ASSERT_TRUE(normal);
        EXPECT_EQ(normal->text, c.judged);
        EXPECT_FALSE(normal->has_params);

        const std::string once{normal->text};
        const auto again = normalise_path(once, scratch);
        ASSERT_TRUE(again);
        EXPECT_EQ(again->text, once) << "normalising twice";
    }
}

TEST(NormalisePath, RefusesWhatTwoReadersReadDifferently) // R23
{
    const std::string_view refused[] = {
        // Not a path.
        ""sv,
        "a"sv,
        "*"sv,
        // Above the root, however it is spelled.
        "/.."sv,
        "/../a"sv,
        "/a/../../b"sv,
        "/a/..//.."sv,
        "/%2e%2e/a"sv,
        "/.%2E"sv,
        "//.."sv,
        // Escapes that are none.
        "/%"sv,
        "/%4"sv,
        "/a%zzb"sv,
        "/%g0"sv,
        "/%0g"sv,
        "/%%41"sv,
        "/%u002e"sv,
        // Bytes that are separators or ends for somebody.
        "/a%00b"sv,
        "/a%0a"sv,
        "/a%0D%0ab"sv,
        "/%0d%0a"sv,
        "/%09/b"sv,
        "/a%1f"sv,
        "/a%7F"sv,
        "/a%2fb"sv,
        "/a%2Fb"sv,
        "/a%5cb"sv,
        "/a%5Cb"sv,
        "/..%2f..%2fetc"sv,
        "/a\\b"sv,
        "/a/..\\..\\b"sv,
        "/a#b"sv,
        "/#/../admin"sv,
        "/a?b"sv,
        // Escapes of escapes, also when the digits are escapes themselves.
        "/%252e%252e/admin"sv,
        "/%2541"sv,
        "/%25fF"sv,
        "/%25%32%65"sv,
        "/%252%65"sv,
        "/%25%32e"sv,
        // Controls, space, bytes outside ASCII.
        "/a\tb"sv,
        "/a\x01"sv,
        "/a b"sv,
        "/a\x7f"sv,
        "/a\0b"sv,
        "/\x80"sv,
        "/caf\xc3\xa9"sv,
        "/\xff"sv,
    };
    for (const auto path : refused) {
        SCOPED_TRACE(path);
        std::string scratch;
        const auto normal = normalise_path(path, scratch);
        ASSERT_FALSE(normal) << normal->text;
        EXPECT_EQ(normal.error(), RefusalCode::bad_request);
    }
}

TEST(NormalisePath, ReportsParametersAndRefusesThoseThatHideASegment) // R23
{
    std::string scratch;
    for (const auto path : {"/a;v=1", "/a;/b", "/a/b;x;y=/c", "/a;v=..", "/a;%2e"}) {
        SCOPED_TRACE(path);
        const auto normal = normalise_path(path, scratch);
        ASSERT_TRUE(normal);
        EXPECT_TRUE(normal->has_params);
    }
    for (const auto path : {"/a/..;/b", "/a/..;x=1/b", "/.;a", "/a/%2e%2e;/b", "/;x", "/a/;/b",
                            "/public/..;x", "/a/b/..;/../c;d/..;"}) {
        SCOPED_TRACE(path);
        EXPECT_FALSE(normalise_path(path, scratch));
    }
    EXPECT_FALSE(normalise_path("/a%3Bb", scratch)->has_params) << "an escaped one is a character";
    // But nginx and Apache send `..;` on where they decode, and Tomcat takes that for `..`.
    for (const auto path : {"/a/..%3b/b", "/a/..%3Bx=1", "/a/%2e%2e%3b/b", "/.%3b", "/a;b/..%3b/c"})
        EXPECT_FALSE(normalise_path(path, scratch)) << path;
    for (const auto path : {"/%3b", "/a/%3Bx/b", "/a..%3b", "/...%3b/a", "/a/x%3b../b"})
        EXPECT_TRUE(normalise_path(path, scratch)) << path;
}

TEST(NormalisePath, AllocatesNothingWhenNothingChangesOrTheScratchIsWarm)
{
    if (!test::counts_allocations()) GTEST_SKIP();
    const std::string long_plain = "/" + std::string(200, 'a') + "/%40me/.well-known/b;x=1";
    std::string cold;
    const auto before = test::allocations();
    EXPECT_TRUE(normalise_path(long_plain, cold));
    EXPECT_EQ(test::allocations(), before) << "unchanged";
    EXPECT_EQ(normalise_path(long_plain, cold)->text.data(), long_plain.data());

    const std::string long_changed = "/" + std::string(200, 'a') + "/./%41//b/../c";
    std::string warm;
    EXPECT_EQ(test::allocations_of([&] { (void)normalise_path(long_changed, warm); }), 0U);
}

} // namespace
} // namespace gatehouse::gateway
