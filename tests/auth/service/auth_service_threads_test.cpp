#include "auth_fixture.hpp"

#include <atomic>
#include <barrier>
#include <set>
#include <thread>

namespace gatehouse::auth {
namespace {

constexpr int parallel = 32;

/// Runs `each(i)` on as many threads at once as the table says.
template <class Each>
void all_at_once(int threads, Each&& each)
{
    std::barrier start(threads);
    std::vector<std::jthread> running;
    for (int i = 0; i < threads; ++i) {
        running.emplace_back([&, i] {
            start.arrive_and_wait();
            each(i);
        });
    }
}

TEST(AuthServiceThreads, ThirtyTwoRefreshesWithOneTokenMakeOneNewGeneration) // R41
{
    for (const auto answer : {config::OnStraggler::refuse, config::OnStraggler::repeat}) {
        auto settings = quick_settings();
        settings.refresh.on_straggler = answer;
        House house(settings);
        auto grant = house.joined("ann");
        for (int round = 0; round < 20; ++round) {
            std::mutex mutex;
            std::vector<std::string> outcomes;
            std::set<std::string> refresh_tokens;
            Grant next;
            all_at_once(parallel, [&](int) {
                const auto result = house.refresh(grant.refresh_token);
                const std::lock_guard lock(mutex);
                outcomes.push_back(outcome(result));
                if (!result) return;
                refresh_tokens.emplace(result->refresh_token.reveal());
                next = *result;
            });
            const auto won = std::ranges::count(outcomes, "ok");
            const auto late = std::ranges::count(outcomes, "refresh_token_reused");
            EXPECT_EQ(won + late, parallel);
            EXPECT_EQ(won, answer == config::OnStraggler::repeat ? parallel : 1);
            ASSERT_EQ(refresh_tokens.size(), 1U) << "one lineage";
            const auto session = house.store.find_session(grant.session_id);
            ASSERT_EQ((*session)->generation, static_cast<Generation>(round) + 2);
            grant = next;
        }
    }
}

TEST(AuthServiceThreads, OfEightPasswordChangesOneFindsTheOldPasswordStillTrue)
{
    House house;
    const auto who = house.principal(house.joined("ann"));
    std::mutex mutex;
    std::vector<std::string> outcomes;
    std::string kept;
    all_at_once(8, [&](int i) {
        const auto fresh = "another horse " + std::to_string(i);
        const auto changed = outcome(house.service.change_password(
            who, Secret("correct horse"), Secret(fresh), somebody, house.place()));
        const std::lock_guard lock(mutex);
        outcomes.push_back(changed);
        if (changed == "ok") kept = fresh;
    });
    EXPECT_EQ(std::ranges::count(outcomes, "ok"), 1);
    house.clock.advance(1h); // who came late has guessed wrong
    EXPECT_EQ(outcome(house.login("ann", kept)), "ok");
}

TEST(AuthServiceThreads, EightRecoveryCodesWithOneLoginTokenCostOne)
{
    House house;
    const auto grant = house.joined("ann");
    const auto codes = house.set_up_second_factor(grant);
    const auto half = house.login("ann");
    std::atomic<int> won = 0;
    all_at_once(8, [&](int i) {
        won += house.go_on(half, codes[static_cast<std::size_t>(i)]).has_value() ? 1 : 0;
    });
    EXPECT_EQ(won, 1);
    EXPECT_EQ((*house.store.find_second_factor(grant.user.id))->codes_left, codes.size() - 1);
}

TEST(AuthServiceThreads, NothingMintedByARacingRefreshSurvivesALogout) // R43
{
    auto settings = quick_settings();
    settings.refresh.on_straggler = config::OnStraggler::repeat;
    House house(settings);
    house.joined("ann");
    for (int round = 0; round < 30; ++round) {
        const auto grant =
            house.service.login({"ann", {}, Secret("correct horse"), {}}, somebody, house.place());
        ASSERT_EQ(outcome(grant), "ok");
        const auto claims = house.claims(*grant);
        std::mutex mutex;
        std::vector<Grant> minted;
        all_at_once(8, [&](int i) {
            if (i == 0) {
                EXPECT_EQ(outcome(house.service.logout(claims, somebody)), "ok");
                return;
            }
            const auto result = house.refresh(grant->refresh_token);
            const std::lock_guard lock(mutex);
            if (result) minted.push_back(*result);
        });
        minted.push_back(*grant);
        for (const auto& each : minted) {
            EXPECT_EQ(house.identify(each.access_token).error(), TokenError::revoked);
            EXPECT_EQ(outcome(house.refresh(each.refresh_token)), "refresh_token_revoked");
        }
    }
}

TEST(AuthServiceThreads, NothingMintedByARacingLoginSurvivesAPasswordChange) // R43
{
    auto settings = quick_settings();
    settings.throttle = {.pair_free = 0, .account_per_hour = 0, .address_per_10_minutes = 0};
    House house(settings);
    auto keeper = house.joined("ann");
    std::string password = "correct horse";
    for (int round = 0; round < 10; ++round) {
        const auto next = "another horse " + std::to_string(round);
        const auto principal = house.principal(keeper);
        std::mutex mutex;
        std::vector<Grant> minted;
        all_at_once(4, [&](int i) {
            if (i == 0) {
                EXPECT_EQ(outcome(house.service.change_password(
                              principal, Secret(password), Secret(next), somebody, house.place())),
                          "ok");
                return;
            }
            const auto result = house.login("ann", password);
            const std::lock_guard lock(mutex);
            if (result) minted.push_back(*result);
        });
        for (const auto& each : minted) {
            EXPECT_EQ(house.identify(each.access_token).error(), TokenError::revoked);
        }
        EXPECT_TRUE(house.identify(keeper.access_token).has_value());
        password = next;
    }
}

TEST(AuthServiceThreads, OneInviteLetsOnePersonIn)
{
    auto settings = quick_settings();
    settings.registration = config::Registration::invite;
    House house(settings);
    const auto invite = house.admin.invite(1h);
    std::atomic<int> joined{0};
    all_at_once(8, [&](int i) {
        const auto result = house.service.register_user(
            {
                {"user" + std::to_string(i), {}, Secret("correct horse"), {}},
                invite->code
        },
            somebody, house.place());
        joined += result.has_value();
    });
    EXPECT_EQ(joined, 1);
}

TEST(AuthServiceThreads, OneNameBelongsToOnePerson) // R57
{
    House house;
    std::atomic<int> joined{0};
    const char* spellings[] = {"ann", "Ann", "ANN", "\uFF41nn"};
    all_at_once(8, [&](int i) { joined += house.register_user(spellings[i % 4]).has_value(); });
    EXPECT_EQ(joined, 1);
}

} // namespace
} // namespace gatehouse::auth
