#include "tests/auth/store/sqlite/power_cut.hpp"

#include <gmock/gmock.h>

/// The power fails, and the disk loses, tears or reorders whatever was not synced: DESIGN promise
/// 7, SECURITY R44.
namespace gatehouse::auth::contract {
namespace {

using testing::IsEmpty;
using testing::UnorderedElementsAre;

/// A seed of its own for each run; a failure says which, and this brings it back.
[[nodiscard]] std::mt19937::result_type seed_of_this_run()
{
    const char* given = std::getenv("GATEHOUSE_SEED");
    return given != nullptr ? static_cast<unsigned>(std::stoul(given)) : std::random_device{}();
}

struct Outcome {
    Damage damage;
    DarkLife::Seen seen;
    int cuts = 0;
};

/// `lives` databases, from the first byte on, each cut off `stages` times for good.
[[nodiscard]] Outcome cut_off(int lives, int stages, const DarkLife::Plan& plan,
                              std::mt19937::result_type seed)
{
    Outcome outcome;
    std::mt19937 random(seed);
    for (int life = 0; life < lives; ++life) {
        DarkLife dark(plan, random());
        for (int stage = 0; stage < stages; ++stage) {
            outcome.damage.add(dark.live_on(outcome.seen));
            outcome.cuts += plan.cuts;
        }
    }
    return outcome;
}

TEST(PowerCut, LosesNothingThatWasAcknowledgedAndRevivesNothing)
{
    const auto seed = seed_of_this_run();
    SCOPED_TRACE("GATEHOUSE_SEED=" + std::to_string(seed));
    std::printf("power cuts with seed %lu\n", static_cast<unsigned long>(seed));
    const auto outcome = cut_off(5, 4, {}, seed);
    EXPECT_EQ(outcome.cuts, 1'000);
    EXPECT_THAT(outcome.seen.wrong, IsEmpty());
    EXPECT_THAT(outcome.damage.unusable, IsEmpty());
    EXPECT_THAT(outcome.damage.lost, IsEmpty());

    // It was a load: everything was called, commits were shared, the log was copied back.
    EXPECT_THAT(outcome.seen.worked,
                UnorderedElementsAre("register_user", "create_user", "create_session", "rotate",
                                     "end_session", "end_sessions_of", "replace_hash",
                                     "set_password", "set_roles", "block_user", "unblock_user",
                                     "delete_user", "create_invite", "announce_keys",
                                     "forget_before"));
    EXPECT_GT(outcome.seen.together, 100);
    EXPECT_GT(outcome.seen.copied_back, 1'000);
}

TEST(PowerCut, IsNoticedWhereTheStoreDoesNotSync)
{
    for (const char* level : {"NORMAL", "OFF"}) {
        SCOPED_TRACE(level);
        const auto outcome = cut_off(1, 1, {.cuts = 50, .synchronous = level}, seed_of_this_run());
        EXPECT_THAT(outcome.seen.wrong, IsEmpty()); // as long as there is power all is well
        EXPECT_GT(outcome.damage.lost.size() + outcome.damage.unusable.size(), 10U);
        EXPECT_GT(outcome.damage.lost.size(), 0U);
    }
}

} // namespace
} // namespace gatehouse::auth::contract
