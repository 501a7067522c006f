#include "gateway/observe/auth_outcomes.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

namespace gatehouse::gateway {
namespace {

TEST(AuthOutcomes, CountEachCallByWhatCameOfIt)
{
    AuthOutcomes outcomes;
    outcomes.count(AuthCall::login, {});
    outcomes.count(AuthCall::login, {});
    outcomes.count(AuthCall::login, Refusal(RefusalCode::too_many_attempts));
    outcomes.count(AuthCall::refresh, Refusal(RefusalCode::refresh_token_reused));
    std::map<std::string, std::uint64_t> shown;
    for (const auto& [call, outcome, times] : outcomes.counts()) {
        shown[std::string(call) + ' ' + std::string(outcome)] = times;
    }
    EXPECT_EQ(shown.size(), auth_calls + 2);
    EXPECT_EQ(shown["login ok"], 2U);
    EXPECT_EQ(shown["login too_many_attempts"], 1U);
    EXPECT_EQ(shown["refresh refresh_token_reused"], 1U);
    EXPECT_EQ(shown["refresh ok"], 0U);
}

TEST(AuthOutcomes, GiveEachCallAWordOfItsOwn)
{
    std::set<std::string_view> words;
    for (std::size_t i = 0; i < auth_calls; ++i) words.insert(to_string(static_cast<AuthCall>(i)));
    EXPECT_EQ(words.size(), auth_calls);
}

} // namespace
} // namespace gatehouse::gateway
