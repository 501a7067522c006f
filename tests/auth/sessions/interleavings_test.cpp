#include "tests/auth/sessions/flawed_store.hpp"
#include "tests/auth/sessions/interleavings.hpp"
#include "tests/auth/store/contract.hpp"
#include "tests/auth/store/sqlite/traced_disk.hpp"

#include <gmock/gmock.h>

/// Every order in which the store calls of three clients can follow each other, walked through by
/// the real services on a real store: R40, R41, R43, R46 and what DESIGN 3 says of refreshes.
namespace gatehouse::auth::interleaved {
namespace {

using config::OnReuse;
using config::OnStraggler;
using testing::HasSubstr;

struct Rules {
    const char* name;
    config::RefreshSettings settings;
};

/// A token that comes late is a straggler's for ten seconds, or a thief's at once.
const Rules every_rules[] = {
    {"stragglers are refused",      {10s, OnStraggler::refuse, OnReuse::end_session}},
    {"stragglers get the pair",     {10s, OnStraggler::repeat, OnReuse::end_session}},
    {"a replay ends the session",   {0s, OnStraggler::refuse, OnReuse::end_session} },
    {"a replay ends every session", {0s, OnStraggler::refuse, OnReuse::end_all}     },
};

[[nodiscard]] Tally walk(const char* kind, const Rules& rules, const Bounds& bounds)
{
    const contract::Tracing nothing_is_synced; // thousands of small writes, quickly
    const contract::TemporaryFolder folder;
    const auto store = contract::open_kind(kind, folder.path());
    Workbench workbench(*store, rules.settings);
    return explore(workbench, bounds);
}

class Interleavings : public testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(Stores, Interleavings, contract::every_store, contract::name_of);

TEST_P(Interleavings, OfThreeClientsAndFourOperationsKeepEveryPromise)
{
    for (const auto& rules : every_rules) {
        SCOPED_TRACE(rules.name);
        const auto tally = walk(GetParam(), rules, {.clients = 3, .operations = 4});
        EXPECT_EQ(tally.violation, "");
        EXPECT_GT(tally.interleavings, 1e21); // the walk was not cut short
        std::printf("%s, %s: %.3g interleavings over %zu states, %zu steps of the real code\n",
                    GetParam(), rules.name, tally.interleavings, tally.states, tally.steps);
    }
}

TEST(RenamedInterleavings, AreAsManyAsWithTheirOwnNumbers)
{
    for (const auto& rules : every_rules) {
        SCOPED_TRACE(rules.name);
        for (const auto& [clients, operations] :
             {std::pair(3, 1), std::pair(3, 2), std::pair(2, 4)}) {
            const auto plain = walk("memory", rules, {clients, operations, false});
            const auto renamed = walk("memory", rules, {clients, operations, true});
            EXPECT_EQ(plain.violation, "");
            EXPECT_EQ(plain.interleavings, renamed.interleavings); // exact below 2^53
            EXPECT_GE(plain.states, renamed.states);
        }
    }
}

TEST(InterleavingsOfAFlawedStore, AreNoneThatKeepEveryPromise)
{
    const struct {
        Flaw flaw;
        const char* broken;
    } rows[] = {
        {Flaw::rotates_any_generation,   "one live generation per session"                    },
        {Flaw::accepts_spent_generation, "one live generation per session"                    },
        {Flaw::rotates_ended_session,    "an ended session never lives again"                 },
        {Flaw::rotation_revives,         "an ended session never lives again"                 },
        {Flaw::loses_rotation,           "a rotation that was acknowledged is there"          },
        {Flaw::rotates_and_denies_it,    "a refused rotation changes nothing"                 },
        {Flaw::skips_a_generation,       "every generation that was exchanged is remembered"  },
        {Flaw::forgets_what_was_spent,   "every generation that was exchanged is remembered"  },
        {Flaw::makes_two_of_one,         "never two sessions from one"                        },
        {Flaw::forgets_to_end,           "an ending that was acknowledged is there"           },
        {Flaw::ending_twice_revives,     "an ended session never lives again"                 },
        {Flaw::ends_the_whole_user,      "a logout touches no other session"                  },
        {Flaw::all_but_one,              "an ending that was acknowledged is there"           },
        {Flaw::block_leaves_sessions,    "blocking ends every session"                        },
        {Flaw::block_is_forgotten,       "a block that was acknowledged is there"             },
        {Flaw::login_while_blocked,      "a blocked user gets no session"                     },
        {Flaw::shows_ended_as_live,      "never two sessions from one, and none besides those"},
        {Flaw::logout_unblocks,          "blocked stays blocked"                              },
    };

    for (const auto& row : rows) {
        SCOPED_TRACE(row.broken);
        FlawedStore store(row.flaw);
        Workbench workbench(store, every_rules[0].settings);
        const auto tally = explore(workbench, {.clients = 3, .operations = 2});
        EXPECT_THAT(tally.violation, HasSubstr(row.broken));
    }
    FlawedStore flawless(Flaw::none);
    Workbench workbench(flawless, every_rules[0].settings);
    EXPECT_EQ(explore(workbench, {.clients = 3, .operations = 2}).violation, "");
}

} // namespace
} // namespace gatehouse::auth::interleaved
