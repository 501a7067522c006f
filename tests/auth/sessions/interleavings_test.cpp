#include "tests/auth/sessions/flawed_store.hpp"
#include "tests/auth/sessions/interleavings.hpp"
#include "tests/auth/store/contract.hpp"
#include "tests/auth/store/sqlite/traced_disk.hpp"

#include <gmock/gmock.h>

#include <random>

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

TEST(Interleavings, OfThreeClientsAndFourOperationsKeepEveryPromise)
{
    const contract::Tracing nothing_is_synced; // thousands of small writes, quickly
    for (const auto& rules : every_rules) {
        SCOPED_TRACE(rules.name);
        const contract::TemporaryFolder folder;
        const auto sqlite = contract::open_kind("sqlite", folder.path());
        MemoryStore memory;
        Workbench on_sqlite(*sqlite, rules.settings);
        Workbench in_memory(memory, rules.settings);
        const auto tally = explore({&on_sqlite, &in_memory}, {.clients = 3, .operations = 4});
        EXPECT_EQ(tally.violation, "");
        EXPECT_GT(tally.interleavings, 1e21); // the walk was not cut short
        std::printf("%s: %.3g interleavings over %zu states, %zu steps of the real code\n",
                    rules.name, tally.interleavings, tally.states, tally.steps);
    }
}

/// One interleaving from beginning to end, with the history it really makes.
void walk_once(Workbench& workbench, std::mt19937& random)
{
    Picture picture{};
    const auto cast = workbench.stage(picture);
    std::vector<Client> clients(3);
    for (auto& client : clients) client.token = 1;
    while (!clients.empty()) {
        const auto chosen =
            clients.begin() + static_cast<std::ptrdiff_t>(random() % clients.size());
        if (!chosen->act) {
            // Mostly refreshes, for the other three leave little to do.
            chosen->act = random() % 2 == 0 ? Act::refresh : every_act[random() % 4];
            chosen->out_before = picture.ended;
        }
        auto step = workbench.step(cast, picture, *chosen);
        picture = step.after;
        const bool cut_off = random() % 8 == 0;
        if (!cut_off) *chosen = std::move(step.client);
        if (cut_off || step.finished) chosen->finish();
        if (chosen->done == 4) clients.erase(chosen);
    }
}

class OneInterleaving : public testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(Stores, OneInterleaving, contract::every_session_store, contract::name_of);

TEST_P(OneInterleaving, HoldsWithOneHistoryFromBeginningToEndToo)
{
    const auto seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    const contract::Tracing nothing_is_synced;
    // A server syncs every commit; elsewhere that is left out.
    const std::string_view kind = GetParam();
    const bool serves = kind == "postgres" || kind == "pgbouncer" || kind == "redis";
    const int walks = serves ? 4 : 100;
    for (const auto& rules : every_rules) {
        SCOPED_TRACE(rules.name);
        const contract::TemporaryFolder folder;
        const auto store = contract::open_kind(GetParam(), folder.path());
        Workbench workbench(*store, rules.settings);
        for (int i = 0; i < walks; ++i) EXPECT_NO_THROW(walk_once(workbench, random));
    }
}

TEST(RenamedInterleavings, AreAsManyAsWithTheirOwnNumbers)
{
    for (const auto& rules : every_rules) {
        SCOPED_TRACE(rules.name);
        for (const auto& [clients, operations] :
             {std::pair(3, 1), std::pair(3, 2), std::pair(2, 4)}) {
            MemoryStore store;
            Workbench workbench(store, rules.settings);
            const auto plain = explore({&workbench}, {clients, operations, false});
            const auto renamed = explore({&workbench}, {clients, operations, true});
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
        const auto tally = explore({&workbench}, {.clients = 3, .operations = 2});
        EXPECT_THAT(tally.violation, HasSubstr(row.broken));
    }
    FlawedStore flawless(Flaw::none);
    Workbench workbench(flawless, every_rules[0].settings);
    EXPECT_EQ(explore({&workbench}, {.clients = 3, .operations = 2}).violation, "");
}

} // namespace
} // namespace gatehouse::auth::interleaved
