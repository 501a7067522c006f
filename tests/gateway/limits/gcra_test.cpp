#include "gateway/limits/gcra.hpp"

#include <gtest/gtest.h>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;

constexpr RateTime noon = 12h;

RateTerms terms_of(std::uint32_t requests, std::chrono::seconds per, std::uint32_t burst = 0)
{
    return RateTerms::of({"user", requests, per, burst});
}

TEST(Gcra, MakesTimesOfARate)
{
    struct Case {
        const char* name;
        RateTerms terms;
        std::chrono::nanoseconds each;
        std::chrono::nanoseconds most;
    };

    const Case cases[] = {
        {"ten a second", terms_of(10, 1s), 100ms, 1s},
        {"with a burst", terms_of(10, 1s, 25), 100ms, 2500ms},
        {"a smaller burst", terms_of(10, 1s, 1), 100ms, 100ms},
        {"one a day", terms_of(1, 24h), 24h, 24h},
        {"rounded to who gives", terms_of(3, 1s), 333333334ns, 1000000002ns},
        {"as many as there can be", terms_of(1'000'000, 1s), 1us, 1s},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        EXPECT_EQ(c.terms.each, c.each);
        EXPECT_EQ(c.terms.most, c.most);
    }
}

TEST(Gcra, SaysWhetherOneMoreMayCome)
{
    struct Case {
        const char* name;
        RateTime full_at;
        bool passes;
        std::uint32_t left;
        std::chrono::nanoseconds wait;
        std::chrono::nanoseconds all_back;
    };

    const auto terms = terms_of(10, 1s, 5); // one each 100 ms, five at once
    const Case cases[] = {
        {"never seen",                   0ns,                true,  5, 0ns,   0ns        },
        {"idle for long",                noon - 1h,          true,  5, 0ns,   0ns        },
        {"full this moment",             noon,               true,  5, 0ns,   0ns        },
        {"one used",                     noon + 100ms,       true,  4, 0ns,   100ms      },
        {"one used, half of it back",    noon + 50ms,        true,  4, 0ns,   50ms       },
        {"four used",                    noon + 400ms,       true,  1, 0ns,   400ms      },
        {"a moment less than five used", noon + 400ms + 1ns, false, 0, 1ns,   400ms + 1ns},
        {"all used",                     noon + 500ms,       false, 0, 100ms, 500ms      },
        {"more than all, by others",     noon + 900ms,       false, 0, 500ms, 900ms      },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto verdict = look_at(terms, c.full_at, noon);
        EXPECT_EQ(verdict.passes, c.passes);
        EXPECT_EQ(verdict.left, c.left);
        EXPECT_EQ(verdict.wait, c.wait);
        EXPECT_EQ(verdict.all_back, c.all_back);
    }
}

TEST(Gcra, CountsFromNowOrFromWhenItWillBeFull)
{
    const auto terms = terms_of(10, 1s);
    EXPECT_EQ(after_requests(terms, 0ns, noon), noon + 100ms);
    EXPECT_EQ(after_requests(terms, noon + 1s, noon), noon + 1100ms);
    EXPECT_EQ(after_requests(terms, noon - 1s, noon, 7), noon + 700ms);
}

// Whoever asks as often as he can gets a burst and then the rate, over any time.
TEST(Gcra, LetsABurstThroughAndThenTheRate)
{
    const auto terms = terms_of(50, 1s, 20);
    RateTime full_at{};
    int passed = 0;
    for (auto now = noon; now < noon + 10s; now += 1ms) {
        if (!look_at(terms, full_at, now).passes) continue;
        full_at = after_requests(terms, full_at, now);
        ++passed;
    }
    EXPECT_EQ(passed, 20 + 10 * 50 - 1) << "the last one comes back with the eleventh second";
}

} // namespace
} // namespace gatehouse::gateway
