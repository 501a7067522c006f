#include "auth/tokens/key_schedule.hpp"
#include "tests/auth/tokens/forge.hpp"

#include <gtest/gtest.h>

namespace gatehouse::auth {
namespace {

using namespace testing;
using config::Algorithm;

/// Every 30 days, known a minute ahead.
const KeyTerms monthly{Algorithm::es256, 1h, 24h, 30 * 24h, 1min};

[[nodiscard]] KeyTerms by_hand()
{
    auto terms = monthly;
    terms.rotate_every = {};
    return terms;
}

[[nodiscard]] std::vector<std::string> kids(const std::vector<RingKey>& keys, KeyState state)
{
    std::vector<std::string> found;
    for (const auto& key : keys) {
        if (key.state == state) found.push_back(key.key->kid());
    }
    return found;
}

/// Keys whose last rotation was at noon; the next key of each kind was made then.
[[nodiscard]] KeySet rotated_at_noon(const KeyTerms& terms = monthly)
{
    auto keys = first_keys(terms, noon - 90 * 24h);
    keys.rotation_wanted = true;
    EXPECT_TRUE(take_key_step(keys, terms, noon));
    return keys;
}

TEST(DecideKeyStep, RotatesWhenItIsTimeAndEverybodyKnowsTheNextKey)
{
    const struct {
        const char* name;
        KeyTerms terms;
        bool wanted;
        Seconds now;
        KeyStep expected;
    } rows[] = {
        {"just rotated",                  monthly,   false, noon,                 KeyStep::none  },
        {"retired refresh keys go first", monthly,   false, noon + 24h,           KeyStep::forget},
        {"a second before",               monthly,   false, noon + 30 * 24h - 1s, KeyStep::forget},
        {"on schedule",                   monthly,   false, noon + 30 * 24h,      KeyStep::rotate},
        {"after a long sleep",            monthly,   false, noon + 900 * 24h,     KeyStep::rotate},
        {"never by itself",               by_hand(), false, noon + 23h,           KeyStep::forget},
        {"nothing to forget",             by_hand(), false, noon + 59min,         KeyStep::none  },
        {"retired access keys",           by_hand(), false, noon + 1h,            KeyStep::forget},
        {"wanted too early",              by_hand(), true,  noon + 59s,           KeyStep::none  },
        {"wanted and known",              by_hand(), true,  noon + 60s,           KeyStep::rotate},
        {"wanted before the schedule",    monthly,   true,  noon + 60s,           KeyStep::rotate},
    };

    for (const auto& row : rows) {
        SCOPED_TRACE(row.name);
        auto keys = rotated_at_noon(row.terms);
        keys.rotation_wanted = row.wanted;
        EXPECT_EQ(decide_key_step(keys, row.terms, row.now), row.expected);
    }
}

TEST(DecideKeyStep, NeverRotatesFasterThanKeysBecomeKnown)
{
    auto terms = monthly;
    terms.rotate_every = 10s;
    auto keys = rotated_at_noon(terms);
    EXPECT_EQ(rotation_due(keys, terms), noon + 1min);
    keys.refresh.back().signs_from = noon + 5min;
    EXPECT_EQ(rotation_due(keys, terms), noon + 5min) << "the slower kind decides";
}

TEST(TakeKeyStep, MovesBothKindsOfKeysOnAndMakesNewOnes)
{
    auto keys = first_keys(monthly, noon);
    const auto before = keys;
    ASSERT_TRUE(take_key_step(keys, monthly, noon + 30 * 24h));
    for (const auto list : {&KeySet::access, &KeySet::refresh}) {
        EXPECT_EQ(kids(keys.*list, KeyState::active), kids(before.*list, KeyState::next));
        EXPECT_EQ(kids(keys.*list, KeyState::retired), kids(before.*list, KeyState::active));
        const auto next = kids(keys.*list, KeyState::next);
        ASSERT_EQ(next.size(), 1U);
        EXPECT_NE(next, kids(before.*list, KeyState::next));
    }
    EXPECT_EQ(keys.access.front().verify_until, noon + 30 * 24h + 1h);
    EXPECT_EQ(keys.refresh.front().verify_until, noon + 30 * 24h + 24h);
    EXPECT_EQ(keys.access.back().signs_from, noon + 30 * 24h + 1min);
    EXPECT_FALSE(take_key_step(keys, monthly, noon + 30 * 24h)) << "once";
}

TEST(TakeKeyStep, ForgetsWhatVerifiesNothingAnyMore)
{
    auto keys = rotated_at_noon(by_hand());
    ASSERT_EQ(keys.access.size(), 3U);
    EXPECT_FALSE(take_key_step(keys, by_hand(), noon + 1h - 1s));
    EXPECT_TRUE(take_key_step(keys, by_hand(), noon + 1h));
    EXPECT_EQ(keys.access.size(), 2U);
    EXPECT_EQ(keys.refresh.size(), 3U);
    EXPECT_TRUE(take_key_step(keys, by_hand(), noon + 24h));
    EXPECT_EQ(keys.refresh.size(), 2U);
}

TEST(FirstKeys, MayRotateAtOnceForWhoKnowsOneKnowsAll)
{
    auto keys = first_keys(by_hand(), noon);
    keys.rotation_wanted = true;
    EXPECT_EQ(decide_key_step(keys, by_hand(), noon), KeyStep::rotate);
    ASSERT_TRUE(take_key_step(keys, by_hand(), noon));
    keys.rotation_wanted = true;
    EXPECT_EQ(decide_key_step(keys, by_hand(), noon), KeyStep::none) << "not so the second time";
}

TEST(FollowSettings, LetsAnotherAlgorithmComeInItsTurn)
{
    auto keys = rotated_at_noon();
    auto terms = monthly;
    terms.algorithm = Algorithm::eddsa;
    const auto signer = kids(keys.access, KeyState::active);
    const auto start = noon + 10min;
    ASSERT_TRUE(follow_settings(keys, terms, start));
    EXPECT_EQ(kids(keys.access, KeyState::active), signer) << "others know no other one yet";
    EXPECT_EQ(keys.access.back().key->algorithm(), Algorithm::eddsa);
    EXPECT_EQ(decide_key_step(keys, terms, start + 59s), KeyStep::none);
    EXPECT_FALSE(follow_settings(keys, terms, start)) << "asked once is enough";

    // A process that still has the old settings takes the step as well, and does not undo it.
    ASSERT_TRUE(take_key_step(keys, monthly, start + 60s));
    const auto active = std::ranges::find(keys.access, KeyState::active, &RingKey::state);
    EXPECT_EQ(active->key->algorithm(), Algorithm::eddsa);
    EXPECT_EQ(keys.access.back().key->algorithm(), Algorithm::eddsa);
    EXPECT_FALSE(follow_settings(keys, terms, start + 60s));
}

TEST(FollowSettings, ProvidesANextKeyWhereAnEarlierVersionMadeNone)
{
    auto keys = first_keys(monthly, noon);
    keys.refresh.pop_back();
    EXPECT_TRUE(follow_settings(keys, monthly, noon + 1h));
    EXPECT_EQ(kids(keys.refresh, KeyState::next).size(), 1U);
    EXPECT_EQ(keys.refresh.back().signs_from, noon + 1h + 1min);
    EXPECT_FALSE(follow_settings(keys, monthly, noon + 1h));
}

TEST(KeySet, KeepsTheScheduleWhenItIsWritten)
{
    auto keys = rotated_at_noon();
    keys.rotation_wanted = true;
    const auto again = parse_key_set(serialize(keys).reveal());
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_TRUE(same_ring(*again, keys));
    EXPECT_TRUE(again->rotation_wanted);
    EXPECT_EQ(rotation_due(*again, monthly), rotation_due(keys, monthly));
    keys.rotation_wanted = false;
    EXPECT_FALSE(parse_key_set(serialize(keys).reveal())->rotation_wanted);
}

} // namespace
} // namespace gatehouse::auth
