#include "gateway/budget/portion_exchange.hpp"
#include "gateway/budget/quota_portion.hpp"

#include <gtest/gtest.h>

#include <map>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;

constexpr auth::Millis noon{12h};
const config::BudgetSettings hundred_a_second{.requests = 100, .per = 1s, .shared = true};

TEST(QuotaPortion, NeverGivesMoreThanThereIs)
{
    std::string text;
    std::uint32_t all = 0;
    while (true) {
        const auto portion = take_portion(text, hundred_a_second, noon, 60);
        if (portion.requests == 0) {
            EXPECT_GT(portion.wait, 1s)
                << "they count until the last of them has been there for that long";
            EXPECT_LT(portion.wait, 1400ms);
            break;
        }
        EXPECT_LE(portion.requests, 25U) << "a quarter for each";
        all += portion.requests;
        ASSERT_LE(all, 100U);
    }
    EXPECT_EQ(all, 100U);
    EXPECT_EQ(take_portion(text, hundred_a_second, noon + 1s, 1).requests, 0U);
    EXPECT_EQ(take_portion(text, hundred_a_second, noon + 1400ms, 1).requests, 1U);
}

TEST(QuotaPortion, BeginsAfreshWhereNobodyCanReadIt)
{
    std::string text = "what is this";
    EXPECT_EQ(take_portion(text, hundred_a_second, noon, 5).requests, 5U);
}

TEST(QuotaPortion, CountsOnWhenTheQuotaIsAnother)
{
    std::string text;
    EXPECT_EQ(take_portion(text, hundred_a_second, noon, 20).requests, 20U);
    auto other = hundred_a_second;
    other.requests = 25;
    other.per = 10s;
    EXPECT_EQ(take_portion(text, other, noon + 500ms, 20).requests, 5U)
        << "twenty were taken already";
}

TEST(QuotaPortion, SurvivesAClockThatWasSetBack)
{
    std::string text;
    EXPECT_EQ(take_portion(text, hundred_a_second, noon, 20).requests, 20U);
    const auto before = noon - 1h;
    for (int i = 0; i < 10; ++i) (void)take_portion(text, hundred_a_second, before, 20);
    const auto none = take_portion(text, hundred_a_second, before, 1);
    EXPECT_EQ(none.requests, 0U);
    EXPECT_LT(none.wait, 2s) << "and not until noon comes again";
}

/// States in memory, which may be told to fail.
class States final : public auth::SharedStates {
public:
    bool down = false;
    std::map<std::string, std::string> kept;

    Result<void, auth::StoreError> change(std::span<const std::string> keys,
                                          std::chrono::milliseconds, const Change& change) override
    {
        if (down) return auth::StoreError::unavailable;
        std::vector<std::string> states;
        for (const auto& key : keys) states.push_back(kept[key]);
        if (const auto changed = change(states, noon); !changed) return changed;
        for (std::size_t i = 0; i < keys.size(); ++i) kept[keys[i]] = states[i];
        return {};
    }

    Result<bool, auth::StoreError> forget_old(std::size_t) override { return false; }
};

struct Side {
    explicit Side(States& states)
        : exchange({[this] {
                        return PortionExchange::Budgets{
                            {"api", budget}
                        };
                    },
                    states, RateKeys(Secret(std::string(16, 'k'))), bell, failures})
    {
        budget->use({.requests = 100, .per = 1h, .shared = true});
    }

    /// As requests do it that wait for their portion.
    std::uint32_t taken(std::uint32_t times)
    {
        std::uint32_t passed = 0;
        for (std::uint32_t i = 0; i < times; ++i) {
            if (!budget->take(UpstreamBudget::now()).passes) {
                exchange.fetch();
                if (!budget->take(UpstreamBudget::now()).passes) continue;
            }
            ++passed;
        }
        return passed;
    }

    PortionBell bell;
    std::atomic<std::uint64_t> failures{0};
    std::shared_ptr<UpstreamBudget> budget = std::make_shared<UpstreamBudget>(&bell);
    PortionExchange exchange;
};

TEST(PortionExchange, ReservesBeforeAnythingIsSent)
{
    States states;
    Side a(states);
    Side b(states);
    EXPECT_FALSE(a.budget->take(UpstreamBudget::now()).passes) << "nothing is reserved yet";
    std::uint32_t all = 0;
    for (int i = 0; i < 40; ++i) all += a.taken(3) + b.taken(3);
    EXPECT_LE(all, 100U);
    EXPECT_GE(all, 75U) << "what one has reserved the other cannot use";
    EXPECT_EQ(states.kept.size(), 1U);
    EXPECT_EQ(states.kept.begin()->first.find("api"), std::string::npos);
}

TEST(PortionExchange, SendsNothingWhileTheStoreDoesNotAnswer)
{
    States states;
    Side a(states);
    states.down = true;
    EXPECT_EQ(a.taken(5), 0U);
    EXPECT_EQ(a.failures, 1U) << "and the store is not asked again at once";
}

TEST(PortionExchange, AsksForNothingThatNobodyWants)
{
    States states;
    Side a(states);
    for (int i = 0; i < 5; ++i) a.exchange.fetch();
    EXPECT_TRUE(states.kept.empty());
}

} // namespace
} // namespace gatehouse::gateway
