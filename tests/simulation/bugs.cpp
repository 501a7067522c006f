#include "tests/simulation/bugs.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::simulation {

namespace {

using enum Bug;
using enum Invariant;

constexpr auto named = std::to_array<NamedBug>({
    {rotate_without_condition,      "rotate_without_condition",      one_live_generation       },
    {registration_lost,             "registration_lost",             nothing_acknowledged_lost },
    {logout_lost,                   "logout_lost",                   nothing_acknowledged_lost },
    {rotation_lost,                 "rotation_lost",                 one_live_generation       },
    {password_lost,                 "password_lost",                 nothing_acknowledged_lost },
    {block_lost,                    "block_lost",                    blocked_stays_blocked     },
    {deletion_lost,                 "deletion_lost",                 deleted_stays_deleted     },
    {logout_all_misses_newest,      "logout_all_misses_newest",      nothing_acknowledged_lost },
    {password_ends_no_session,      "password_ends_no_session",      old_password_opens_nothing},
    {room_is_not_looked_at,         "room_is_not_looked_at",         within_room               },
    {reads_are_stale,               "reads_are_stale",               live_stays_live           },
    {feed_skips_a_row,              "feed_skips_a_row",              ended_stays_ended         },
    {feed_swaps_block_and_free,     "feed_swaps_block_and_free",     live_stays_live           },
    {feed_shows_rows_late,          "feed_shows_rows_late",          ended_stays_ended         },
    {feed_lacks_logouts,            "feed_lacks_logouts",            ended_stays_ended         },
    {feed_lacks_unblocks,           "feed_lacks_unblocks",           live_stays_live           },
    {feed_lacks_roles,              "feed_lacks_roles",              roles_follow              },
    {standing_misses_one,           "standing_misses_one",           ended_stays_ended         },
    {standing_runs_ahead,           "standing_runs_ahead",           ended_stays_ended         },
    {forgets_changes_at_once,       "forgets_changes_at_once",       ended_stays_ended         },
    {deletion_tells_nobody,         "deletion_tells_nobody",         deleted_stays_deleted     },
    {marks_are_lost,                "marks_are_lost",                used_pair_is_spent        },
    {nobody_watches_a_new_pair,     "nobody_watches_a_new_pair",     lost_answer_comes_again   },
    {key_write_is_unconditional,    "key_write_is_unconditional",    keys_are_known            },
    {key_write_lost,                "key_write_lost",                keys_are_known            },
    {lease_is_given_to_all,         "lease_is_given_to_all",         one_tidies                },
    {lease_never_ends,              "lease_never_ends",              one_tidies                },
    {book_shows_an_old_number,      "book_shows_an_old_number",      confirmed_everywhere      },
    {book_shows_no_entries,         "book_shows_no_entries",         confirmed_everywhere      },
    {writes_come_twice,             "writes_come_twice",             nothing_acknowledged_lost },
    {silence_counts_as_yes,         "silence_counts_as_yes",         nothing_acknowledged_lost },
    {reports_too_much,              "reports_too_much",              confirmed_everywhere      },
    {nobody_is_struck_out,          "nobody_is_struck_out",          confirmed_in_time         },
    {serves_before_catch_up,        "serves_before_catch_up",        ended_stays_ended         },
    {starts_without_standing,       "starts_without_standing",       ended_stays_ended         },
    {answers_before_applying,       "answers_before_applying",       ended_here_at_once        },
    {cache_outlives_logout,         "cache_outlives_logout",         ended_here_at_once        },
    {table_forgets_early,           "table_forgets_early",           ended_stays_ended         },
    {feed_dies_of_an_error,         "feed_dies_of_an_error",         feed_bound                },
    {feed_is_read_rarely,           "feed_is_read_rarely",           feed_bound                },
    {answers_unconfirmed,           "answers_unconfirmed",           confirmed_everywhere      },
    {waits_too_short,               "waits_too_short",               confirmed_everywhere      },
    {lease_is_not_looked_at,        "lease_is_not_looked_at",        confirmed_everywhere      },
    {lease_is_not_renewed,          "lease_is_not_renewed",          lease_is_kept             },
    {serves_unreported,             "serves_unreported",             confirmed_everywhere      },
    {leaves_before_it_stops,        "leaves_before_it_stops",        confirmed_everywhere      },
    {refreshes_are_not_joined,      "refreshes_are_not_joined",      overlapping_agree         },
    {joined_whatever_generation,    "joined_whatever_generation",    overlapping_agree         },
    {answers_are_joined_afterwards, "answers_are_joined_afterwards", overlapping_agree         },
    {uses_are_told_once,            "uses_are_told_once",            used_pair_is_spent        },
    {tokens_live_longer,            "tokens_live_longer",            within_lifetime           },
    {new_keys_sign_at_once,         "new_keys_sign_at_once",         keys_are_known            },
    {keys_are_not_read_again,       "keys_are_not_read_again",       keys_are_known            },
    {retired_keys_vanish,           "retired_keys_vanish",           keys_are_known            },
    {keys_of_its_own,               "keys_of_its_own",               keys_are_known            },
});

} // namespace

std::span<const NamedBug> all_bugs() noexcept
{
    return named;
}

std::optional<NamedBug> find_bug(std::string_view name) noexcept
{
    const auto found = std::ranges::find(named, name, &NamedBug::name);
    if (found == named.end()) return std::nullopt;
    return *found;
}

} // namespace gatehouse::simulation
