#include "gateway/cache/answer_store.hpp"
#include "gateway/cache/key_parts.hpp"
#include "tests/gateway/cache/sent_request.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace gatehouse::gateway {
namespace {

struct Kept {
    Kept() { store.use({64 * 1024 * 1024, 100'000}, 1); }

    AnswerStore store;
    Flight flight;
};

std::shared_ptr<StoredAnswer> answer()
{
    auto made = std::make_shared<StoredAnswer>();
    made->body = std::make_shared<StoredAnswer::Body>();
    return made;
}

config::RouteSettings named(std::string name)
{
    config::RouteSettings route;
    route.name = std::move(name);
    return route;
}

TEST(CachePurge, ForgetsWhatAnOperatorNames)
{
    const std::vector<config::RouteSettings> routes{named("shop"), named("feeds"), named("shop")};
    // Answers of /a, /a/b, /a/b/c and /c at a.example, /a at b.a.example; by the second route /a.
    const test::Sent asked[] = {
        {.path = "/a"},
        {.path = "/a", .query = "?x"},
        {.path = "/a/b", .route = 2},
        {.path = "/a/b/c"},
        {.path = "/c"},
        {.host = "b.A:8443", .path = "/a"},
        {.path = "/a", .route = 1},
    };

    struct Case {
        PurgeQuestion question;
        std::size_t expected;
        std::string left; // of those asked
    };

    const Case cases[] = {
        {{},                              7, ""             },
        {{.path = "/**"},                 7, ""             },
        {{.path = "/a"},                  4, "2 3 4"        },
        {{.path = "/%61"},                4, "2 3 4"        },
        {{.path = "/a/**"},               6, "4"            },
        {{.path = "/a/*"},                1, "0 1 3 4 5 6"  },
        {{.path = "/A"},                  0, "0 1 2 3 4 5 6"},
        {{.host = "a"},                   6, "5"            },
        {{.host = "*.a"},                 1, "0 1 2 3 4 6"  },
        {{.host = "b.a", .path = "/a/b"}, 0, "0 1 2 3 4 5 6"},
        {{.route = "shop"},               6, "6"            },
        {{.route = "feeds"},              1, "0 1 2 3 4 5"  },
        {{.route = "shop", .path = "/a"}, 3, "2 3 4 6"      },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.question.route.value_or("") + c.question.host.value_or("") +
                     c.question.path.value_or(""));
        Kept kept;
        std::vector<std::unique_ptr<KeyedRequest>> keyed;
        for (const auto& each : asked) {
            keyed.push_back(each.keyed());
            const AnswerStore::Place where{keyed.back()->resource, keyed.back()->for_all};
            ASSERT_TRUE(kept.store.keep(where, answer(), kept.flight));
            kept.store.pass({where.resource, keyed.back()->for_user},
                            auth::Seconds(std::chrono::seconds(9)));
        }
        EXPECT_EQ(kept.store.purge(*CachePurge::read(c.question, routes)), c.expected);
        std::string left;
        for (std::size_t i = 0; i < keyed.size(); ++i) {
            if (kept.store.find({keyed[i]->resource, keyed[i]->for_all}, {}))
                left.append(left.empty() ? "" : " ").append(std::to_string(i));
        }
        EXPECT_EQ(left, c.left);
    }
}

TEST(CachePurge, WhatWasOnItsWayWhenItWasPurgedIsNotKept)
{
    const std::vector<config::RouteSettings> routes{named("shop"), named("feeds")};
    const auto asked = test::Sent{.path = "/a"}.keyed();
    const AnswerStore::Place all{asked->resource, asked->for_all};
    const AnswerStore::Place own{asked->resource, asked->for_user};
    Kept kept;
    const auto read = [&](const PurgeQuestion& question) {
        return *CachePurge::read(question, routes);
    };
    auto flight = kept.store.board(all).flight;
    EXPECT_EQ(kept.store.purge(read({.path = "/b"})), 0U);
    EXPECT_EQ(kept.store.purge(read({.route = "feeds"})), 0U);
    EXPECT_FALSE(flight->is_spoilt());
    EXPECT_EQ(kept.store.purge(read({.route = "shop", .path = "/a"})), 0U);
    EXPECT_FALSE(kept.store.keep(all, answer(), *flight));
    kept.store.land(all, flight);

    const auto alone = kept.store.fly_alone(own);
    EXPECT_EQ(kept.store.purge(CachePurge()), 0U);
    EXPECT_FALSE(kept.store.keep(own, answer(), *alone));
    kept.store.land(own, alone);
    EXPECT_TRUE(kept.store.keep(all, answer(), *kept.store.board(all).flight));
}

TEST(CachePurge, ForgetsManyWhileOthersGoOn)
{
    Kept kept;
    for (int i = 0; i < 3000; ++i) {
        const auto asked = test::Sent{.path = fmt::format("/{}/{}", i % 2, i)}.keyed();
        ASSERT_TRUE(kept.store.keep({asked->resource, asked->for_all}, answer(), kept.flight));
    }
    EXPECT_EQ(kept.store.purge(*CachePurge::read({.path = "/1/**"}, {})), 1500U);
    EXPECT_EQ(kept.store.figures().entries, 1500U);
    EXPECT_EQ(kept.store.purge(CachePurge()), 1500U);
    EXPECT_EQ(kept.store.figures().bytes, 0U);
}

TEST(KeyParts, AreReadAsTheyWereWritten)
{
    const auto asked =
        test::Sent{.scheme = "https", .host = "A:1", .path = "/3:x", .query = "?4:"}.keyed();
    const auto parts = resource_parts(asked->resource);
    EXPECT_EQ(parts.scheme, "https");
    EXPECT_EQ(parts.host, "a:1");
    EXPECT_EQ(parts.path, "/3:x");
    EXPECT_EQ(parts.query, "?4:");
    for (std::string_view none : {"", "3", "x:", "3:ab", "99999999999999999999999:a", "-1:a"}) {
        EXPECT_EQ(take_part(none), "");
        EXPECT_EQ(none, "");
    }
}

} // namespace
} // namespace gatehouse::gateway
