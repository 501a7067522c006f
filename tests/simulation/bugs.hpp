#pragma once

#include "tests/simulation/invariants.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace gatehouse::simulation {

/// Mistakes that can be planted, one in a run, each one that somebody who writes a store, a driver
/// or a process around the session rules could make. The simulation has to notice every one.
enum class Bug : std::uint8_t {
    none,
    // In the store.
    rotate_without_condition, // the generation is not part of the WHERE
    registration_lost,        // acknowledged before it was written, and sometimes never written
    logout_lost,
    rotation_lost,
    password_lost,
    block_lost,
    deletion_lost,
    logout_all_misses_newest,  // a list was read first, the sessions were ended one by one
    password_ends_no_session,  // two transactions, and the second never came
    room_is_not_looked_at,     // max_per_user
    reads_are_stale,           // users and sessions come from a replica two seconds behind
    feed_skips_a_row,          // now and then
    feed_swaps_block_and_free, // both in one page: applied in the wrong order
    feed_shows_rows_late,      // a lower sequence becomes visible after a higher one
    feed_lacks_logouts,        // ending one session writes no row
    feed_lacks_unblocks,
    feed_lacks_roles,
    standing_misses_one,       // of the ended sessions
    standing_runs_ahead,       // its sequence counts a row it does not show
    forgets_changes_at_once,   // before a replica that was cut off has read them
    deletion_tells_nobody,     // neither of the sessions nor of the user
    marks_are_lost,            // that somebody used a pair
    nobody_watches_a_new_pair, // its row says that it is used already
    key_write_is_unconditional,
    key_write_lost,
    lease_is_given_to_all,
    lease_never_ends,         // whoever took it first has it, alive or dead
    book_shows_an_old_number, // the newest change is read from a replica a second behind
    book_shows_no_entries,
    // In the driver.
    writes_come_twice,     // an old write is sent again, seconds later
    silence_counts_as_yes, // a logout without an answer is taken for done
    reports_too_much,      // what there is, and not what was applied
    nobody_is_struck_out,  // of the replicas that are gone
    // In the process.
    serves_before_catch_up,
    starts_without_standing,
    answers_before_applying, // the sessions it ended are not in its own table
    cache_outlives_logout,   // a verified token is not looked up again for two seconds
    table_forgets_early,     // an ended session leaves before its last token has expired
    feed_dies_of_an_error,   // the thread ends with the first failed round
    feed_is_read_rarely,     // every three seconds
    answers_unconfirmed,
    waits_too_short,        // half a lease
    lease_is_not_looked_at, // a process that hears nothing goes on serving
    lease_is_not_renewed,
    serves_unreported,             // its entry comes three seconds later
    leaves_before_it_stops,        // struck out, it goes on serving
    refreshes_are_not_joined,      // overlapping ones ask the store one by one
    joined_whatever_generation,    // by session alone
    answers_are_joined_afterwards, // for a second after they were given
    uses_are_told_once,            // what the store does not take is forgotten
    tokens_live_longer,            // by three seconds
    new_keys_sign_at_once,
    keys_are_not_read_again,
    retired_keys_vanish,
    keys_of_its_own // each process makes some
};

struct NamedBug {
    Bug bug;
    std::string_view name;
    Invariant breaks; // what it breaks first in some run; it may break others in other runs
};

/// All but `none`.
[[nodiscard]] std::span<const NamedBug> all_bugs() noexcept;
[[nodiscard]] std::optional<NamedBug> find_bug(std::string_view name) noexcept;

} // namespace gatehouse::simulation
