#include "gateway/limits/rate_exchange.hpp"

#include <gtest/gtest.h>

#include <map>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;

constexpr auth::Millis noon{12h};

/// States in memory, which may be told to fail.
class States final : public auth::SharedStates {
public:
    bool down = false;
    std::map<std::string, std::string> kept;
    std::size_t most_keys = 0; // of one call

    Result<void, auth::StoreError> change(std::span<const std::string> keys,
                                          std::chrono::milliseconds, const Change& change) override
    {
        if (down) return auth::StoreError::unavailable;
        most_keys = std::max(most_keys, keys.size());
        std::vector<std::string> states;
        for (const auto& key : keys) states.push_back(kept[key]);
        auto again = states; // as a store does that judges twice
        (void)change(again, noon);
        if (const auto changed = change(states, noon); !changed) return changed;
        for (std::size_t i = 0; i < keys.size(); ++i) kept[keys[i]] = states[i];
        return {};
    }

    Result<bool, auth::StoreError> forget_old(std::size_t) override { return false; }
};

const config::RateSettings sixty_an_hour{"user", 60, 3600s, 10, false, true};
const auto terms = RateTerms::of(sixty_an_hour);

/// One gateway's side.
struct Side {
    explicit Side(States& states) : exchange({book, states, keys})
    {
        book.count_together(keys);
        table = book.table(sixty_an_hour, "orders user");
    }

    int taken(int times, std::uint64_t key = 7) const
    {
        int passed = 0;
        const RateTime now = std::chrono::steady_clock::now().time_since_epoch();
        for (int i = 0; i < times; ++i) passed += table->take(key, terms, now).passes ? 1 : 0;
        return passed;
    }

    RateKeys keys{Secret(std::string(16, 'k'))};
    LimitBook book;
    std::shared_ptr<RateTable> table;
    RateExchange exchange;
};

TEST(RateExchange, LetsEachGatewayKnowWhatAllHaveCounted)
{
    States states;
    Side a(states);
    Side b(states);
    EXPECT_EQ(a.taken(4), 4);
    EXPECT_EQ(b.taken(5), 5);
    EXPECT_EQ(a.exchange.exchange(), RateExchange::Round::done);
    EXPECT_EQ(b.exchange.exchange(), RateExchange::Round::done);
    EXPECT_EQ(b.taken(9), 1) << "nine of ten are used up";
    EXPECT_EQ(b.exchange.exchange(), RateExchange::Round::done);
    EXPECT_EQ(a.taken(1), 1) << "a has not heard of it yet";
    EXPECT_EQ(a.exchange.exchange(), RateExchange::Round::done);
    EXPECT_EQ(a.taken(9), 0) << "eleven were: that is taken off what comes next";
    EXPECT_EQ(a.exchange.exchange(), RateExchange::Round::idle);
}

TEST(RateExchange, GoesOnAloneWhileTheStoreDoesNotAnswer)
{
    States states;
    Side a(states);
    states.down = true;
    EXPECT_EQ(a.taken(20), 10);
    EXPECT_EQ(a.exchange.exchange(), RateExchange::Round::failed);
    EXPECT_EQ(a.exchange.failures(), 1U);
    EXPECT_EQ(a.taken(5), 0) << "its own limit holds";
    states.down = false;
    EXPECT_EQ(a.exchange.exchange(), RateExchange::Round::idle) << "what was lost is not told late";
    Side b(states);
    EXPECT_EQ(b.taken(20), 10);
}

TEST(RateExchange, TellsNobodyWhomItIsAbout)
{
    States states;
    Side a(states);
    a.taken(2, a.keys.of('u', "ada"));
    (void)a.exchange.exchange();
    ASSERT_EQ(states.kept.size(), 1U);
    const auto& name = states.kept.begin()->first;
    EXPECT_EQ(name.size(), std::string_view("rate:0123456789abcdef").size()) << name;
}

TEST(RateExchange, IsBounded)
{
    States states;
    Side a(states);
    for (std::uint64_t key = 1; key <= 2000; ++key) a.taken(2, key * 0x9e3779b97f4a7c15);
    EXPECT_EQ(a.exchange.exchange(), RateExchange::Round::done);
    EXPECT_EQ(states.kept.size(), RateExchange::most_keys);
    EXPECT_LE(states.most_keys, 64U);
    while (a.exchange.exchange() == RateExchange::Round::done) {
    }
    EXPECT_EQ(states.kept.size(), 2000U);
}

TEST(RateExchange, AddsToWhatTheStoreHas)
{
    struct Case {
        const char* name;
        std::string had;
        std::uint32_t requests;
        std::chrono::nanoseconds ahead;
    };

    const auto us = [](std::chrono::microseconds ahead) {
        return std::to_string((noon.time_since_epoch() + ahead) / 1us);
    };
    const Case cases[] = {
        {"nothing",                     "",                    1, 1min        },
        {"three at once",               "",                    3, 3min        },
        {"what others counted",         us(5min),              2, 7min        },
        {"what has come back since",    us(-5min),             2, 2min        },
        {"more than may be, by many",   us(25min),             1, 26min       },
        {"a clock that was set back",   us(48h),               1, 161min + 10s},
        {"the largest number there is", "9223372036854775807", 1, 161min + 10s},
        {"what nobody can read",        "nonsense",            1, 1min        },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        auto text = c.had;
        EXPECT_EQ(add_to_shared(text, terms, noon, c.requests), c.ahead);
        EXPECT_EQ(text, us(std::chrono::duration_cast<std::chrono::microseconds>(c.ahead)));
    }
}

} // namespace
} // namespace gatehouse::gateway
