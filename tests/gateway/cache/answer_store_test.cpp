#include "gateway/cache/answer_recorder.hpp"
#include "gateway/cache/answer_store.hpp"
#include "gateway/cache/conditions.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;

const HeaderPolicy policy{config::Settings{}};
const std::string resource = "r";
const std::string key = "k";
const AnswerStore::Place place{resource, key};

/// An answer that was chosen by `language`.
std::shared_ptr<StoredAnswer> answer(std::string_view body, std::string_view language = {})
{
    auto made = std::make_shared<StoredAnswer>();
    made->status = 200;
    made->body = std::make_shared<StoredAnswer::Body>();
    made->body->bytes = body;
    if (!language.empty()) {
        const std::vector<Field> said{
            {"Vary", "Accept-Language"}
        };
        const std::vector<Field> asked{
            {"Accept-Language", language}
        };
        made->variation = *variation_of(said, asked, policy);
    }
    return made;
}

std::string found(AnswerStore& store, const AnswerStore::Place& where,
                  std::string_view language = {})
{
    std::vector<Field> asked;
    if (!language.empty()) asked.push_back({"Accept-Language", language});
    const auto answer = store.find(where, asked);
    return answer ? answer->body->bytes : "";
}

struct Kept {
    explicit Kept(std::uint64_t memory = MiB, std::uint32_t entries = 1000)
    {
        store.use({memory, entries}, 1);
    }

    static constexpr std::uint64_t MiB = 1024 * 1024;
    AnswerStore store;
    Flight flight;
};

TEST(AnswerStore, FindsWhatWasKeptForSuchARequest)
{
    Kept kept;
    EXPECT_TRUE(kept.store.keep(place, answer("de", "de"), kept.flight));
    EXPECT_TRUE(kept.store.keep(place, answer("en", "en"), kept.flight));
    EXPECT_EQ(found(kept.store, place, "de"), "de");
    EXPECT_EQ(found(kept.store, place, "en"), "en");
    EXPECT_EQ(found(kept.store, place, "fr"), "");
    EXPECT_EQ(found(kept.store, place), "");
    const std::string other = "k2";
    EXPECT_EQ(found(kept.store, {resource, other}, "de"), "");
    EXPECT_EQ(found(kept.store, {other, key}, "de"), "");
    EXPECT_TRUE(kept.store.keep(place, answer("new", "de"), kept.flight));
    EXPECT_EQ(found(kept.store, place, "de"), "new");
    EXPECT_EQ(kept.store.figures().entries, 2U);
}

TEST(AnswerStore, ForgetsAResourceAndWhatIsBeingFetchedOfIt)
{
    Kept kept;
    const std::string own = "k of ada";
    EXPECT_TRUE(kept.store.keep(place, answer("a"), kept.flight));
    EXPECT_TRUE(kept.store.keep({resource, own}, answer("b"), kept.flight));
    const auto together = kept.store.board(place).flight;
    const auto alone = kept.store.fly_alone({resource, own});
    EXPECT_EQ(kept.store.invalidate(resource), 2U);
    EXPECT_EQ(found(kept.store, place), "");
    EXPECT_EQ(found(kept.store, {resource, own}), "");
    EXPECT_FALSE(kept.store.keep(place, answer("old"), *together));
    EXPECT_FALSE(kept.store.keep(place, answer("old"), *alone));
    kept.store.land(place, together);
    kept.store.land({resource, own}, alone);
    EXPECT_TRUE(kept.store.keep(place, answer("new"), *kept.store.board(place).flight));
    EXPECT_EQ(kept.store.invalidate("other"), 0U);
}

TEST(AnswerStore, ForgetsAllWhenTheSettingsAreOthers)
{
    Kept kept;
    EXPECT_TRUE(kept.store.keep(place, answer("a"), kept.flight));
    const auto flight = kept.store.board(place).flight;
    kept.store.use({Kept::MiB, 10}, 1); // another worker, of the same
    EXPECT_EQ(found(kept.store, place), "a");
    kept.store.use({Kept::MiB, 10}, 2);
    EXPECT_EQ(found(kept.store, place), "");
    EXPECT_TRUE(flight->is_spoilt());
    EXPECT_EQ(kept.store.figures().bytes, 0U);
}

TEST(AnswerStore, LetsGoWhatNobodyAskedForLongest)
{
    Kept kept(Kept::MiB, 3);
    const std::vector<std::string> keys{"1", "2", "3", "4"};
    for (int i = 0; i < 3; ++i)
        EXPECT_TRUE(kept.store.keep({resource, keys[i]}, answer(keys[i]), kept.flight));
    EXPECT_EQ(found(kept.store, {resource, keys[0]}), "1");
    EXPECT_TRUE(kept.store.keep({resource, keys[3]}, answer("4"), kept.flight));
    EXPECT_EQ(found(kept.store, {resource, keys[1]}), "");
    EXPECT_EQ(found(kept.store, {resource, keys[0]}), "1");
    EXPECT_EQ(kept.store.figures().evictions, 1U);
}

/// What is taken down of a body of so many bytes.
bool recorded(AnswerStore& store, const AnswerStore::Place& where, std::size_t bytes,
              std::uint64_t most = 1024 * Kept::MiB)
{
    auto flight = store.fly_alone(where);
    AnswerRecorder recorder(store, where, flight);
    const bool begins =
        recorder.begin(std::make_shared<StoredAnswer>(), {BodyKind::chunked, 0}, most);
    const std::string piece(1000, 'x');
    for (std::size_t sent = 0; begins && sent < bytes; sent += piece.size())
        recorder.take(piece, sent + piece.size() >= bytes);
    store.land(where, flight);
    return recorder.is_kept();
}

TEST(AnswerStore, NeverTakesMoreThanItMay)
{
    Kept kept(Kept::MiB);
    std::uint64_t most = 0;
    for (int i = 0; i < 200; ++i) {
        const std::string each = fmt::format("{} {}", i, std::string(5000, 'k'));
        (void)recorded(kept.store, {each, each}, 1000 * static_cast<std::size_t>(1 + i % 90));
        most = std::max(most, kept.store.figures().bytes);
    }
    EXPECT_LE(most, Kept::MiB);
    EXPECT_GT(kept.store.figures().entries, 5U);
    EXPECT_FALSE(recorded(kept.store, place, 2 * Kept::MiB)) << "more than there is";
    EXPECT_LE(kept.store.figures().bytes, Kept::MiB);
}

TEST(AnswerStore, CountsWhatIsStillBeingSent)
{
    Kept kept(Kept::MiB);
    ASSERT_TRUE(recorded(kept.store, place, 400'000));
    const auto sent = kept.store.find(place, {});
    ASSERT_TRUE(sent);
    kept.store.forget(place);
    EXPECT_GT(kept.store.figures().bytes, 390'000U);
    EXPECT_FALSE(recorded(kept.store, place, 700'000));
}

TEST(AnswerRecorder, KeepsOnlyWhatIsWhole)
{
    Kept kept;
    auto flight = kept.store.fly_alone(place);
    {
        AnswerRecorder recorder(kept.store, place, flight);
        ASSERT_TRUE(recorder.begin(std::make_shared<StoredAnswer>(), {BodyKind::length, 6}, 100));
        const std::string piece = "abc";
        recorder.take(piece, false);
    }
    EXPECT_EQ(kept.store.find(place, {}), nullptr);
    EXPECT_FALSE(recorded(kept.store, place, 5000, 4000)) << "longer than may be kept";
    EXPECT_TRUE(recorded(kept.store, place, 4000, 4000));
}

TEST(AnswerStore, HasOneFetchForAllWhoWantTheSame)
{
    Kept kept;
    const auto first = kept.store.board(place);
    const auto second = kept.store.board(place);
    EXPECT_TRUE(first.leads);
    EXPECT_FALSE(second.leads);
    int woken = 0;
    Flight::Seat stays;
    EXPECT_TRUE(Flight::sit(second.flight, stays, [&] { ++woken; }));
    {
        Flight::Seat leaves;
        EXPECT_TRUE(Flight::sit(second.flight, leaves, [&] { woken += 100; }));
    }
    kept.store.land(place, first.flight);
    kept.store.land(place, first.flight);
    EXPECT_EQ(woken, 1);
    Flight::Seat late;
    EXPECT_FALSE(Flight::sit(second.flight, late, [&] { ++woken; }));
    EXPECT_TRUE(kept.store.board(place).leads);
}

TEST(AnswerStore, RemembersThatNobodyIsToWait)
{
    Kept kept;
    const auth::Seconds now{100s};
    EXPECT_FALSE(kept.store.is_passed(place, now));
    kept.store.pass(place, now + 10s);
    EXPECT_TRUE(kept.store.is_passed(place, now + 9s));
    EXPECT_FALSE(kept.store.is_passed(place, now + 10s));
    EXPECT_EQ(kept.store.find(place, {}), nullptr);
    kept.store.pass(place, now + 20s);
    EXPECT_EQ(kept.store.figures().entries, 1U);
}

TEST(StoredAnswer, KeepsNothingOfTheConnection)
{
    const std::vector<Field> fields{
        {"Connection",         "close, X-Hop"},
        {"X-Hop",              "1"           },
        {"Transfer-Encoding",  "chunked"     },
        {"Content-Length",     "5"           },
        {"Keep-Alive",         "x"           },
        {"Trailer",            "X"           },
        {"Upgrade",            "h2c"         },
        {"Age",                "5"           },
        {"Cache-Status",       "x; hit"      },
        {"Content-Type",       "text/plain"  },
        {"ETag",               "\"a\""       },
        {"Proxy-Authenticate", "x"           },
    };
    const auto kept = fields_to_keep(fields);
    ASSERT_EQ(kept.size(), 2U);
    EXPECT_EQ(kept[0].first, "Content-Type");
    EXPECT_EQ(kept[1].first, "ETag");
}

TEST(StoredAnswer, TakesOverWhatA304Says)
{
    const std::vector<std::pair<std::string, std::string>> stored{
        {"Content-Type",            "text/plain"                   },
        {"Cache-Control",           "max-age=1"                    },
        {"Content-Security-Policy", "default-src *"                },
        {"Date",                    "Fri, 24 Jul 2026 12:00:00 GMT"},
        {"X-A",                     "1"                            },
        {"X-A",                     "2"                            }
    };
    const std::vector<Field> told{
        {"cache-control",           "max-age=9"         },
        {"Content-Type",            "text/html"         },
        {"Content-Encoding",        "gzip"              },
        {"content-security-policy", "default-src 'none'"},
        {"X-A",                     "3"                 },
        {"Connection",              "close"             }
    };
    const auto all = fields_updated(stored, told);
    ASSERT_EQ(all.size(), 4U) << "without the date of what was asked for before";
    EXPECT_EQ(all[0].second, "text/plain");
    EXPECT_EQ(all[1].second, "max-age=9");
    EXPECT_EQ(all[2].second, "default-src 'none'");
    EXPECT_EQ(all[3].second, "3");
}

TEST(Conditions, KnowWhatA304SpeaksOf)
{
    struct Case {
        std::vector<Field> told;
        std::string_view etag;
        bool expected;
    };

    const Case cases[] = {
        {{},                    "\"a\"", true },
        {{{"ETag", "\"a\""}},   "\"a\"", true },
        {{{"ETag", "W/\"a\""}}, "\"a\"", true },
        {{{"ETag", "\"b\""}},   "\"a\"", false},
        {{{"ETag", "\"b\""}},   "",      true },
    };
    for (const auto& c : cases) EXPECT_EQ(may_speak_of(c.told, c.etag), c.expected);
}

TEST(Conditions, SayWhetherTheClientHasIt)
{
    struct Case {
        std::vector<Field> asked;
        bool expected;
    };

    constexpr auto date = "Fri, 24 Jul 2026 12:00:00 GMT";
    constexpr auto later = "Fri, 24 Jul 2026 13:00:00 GMT";
    const Case cases[] = {
        {{},                                                         false},
        {{{"If-None-Match", "\"a\""}},                               true },
        {{{"If-None-Match", "W/\"a\""}},                             true },
        {{{"If-None-Match", "\"x,\\\", \"b\", \"a\""}},              true },
        {{{"If-None-Match", "*"}},                                   true },
        {{{"If-None-Match", "\"A\""}},                               false},
        {{{"If-None-Match", "a"}},                                   false},
        {{{"If-None-Match", "\"a"}},                                 false},
        {{{"If-None-Match", ""}},                                    false},
        {{{"If-None-Match", "\"b\""}, {"If-Modified-Since", later}}, false},
        {{{"If-Modified-Since", date}},                              true },
        {{{"If-Modified-Since", later}},                             true },
        {{{"If-Modified-Since", "Fri, 24 Jul 2026 11:59:59 GMT"}},   false},
        {{{"If-Modified-Since", "yesterday"}},                       false},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.asked.empty() ? "" : c.asked.front().value);
        EXPECT_EQ(has_it_already(c.asked, "\"a\"", date), c.expected);
    }
}

} // namespace
} // namespace gatehouse::gateway
