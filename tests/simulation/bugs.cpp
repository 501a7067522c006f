#include "tests/simulation/bugs.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::simulation {

namespace {

constexpr auto named = std::to_array<NamedBug>({
    {Bug::rotate_without_condition,  "rotate_without_condition" },
    {Bug::registration_lost,         "registration_lost"        },
    {Bug::logout_lost,               "logout_lost"              },
    {Bug::rotation_lost,             "rotation_lost"            },
    {Bug::password_lost,             "password_lost"            },
    {Bug::block_lost,                "block_lost"               },
    {Bug::logout_all_misses_newest,  "logout_all_misses_newest" },
    {Bug::password_ends_no_session,  "password_ends_no_session" },
    {Bug::room_is_not_looked_at,     "room_is_not_looked_at"    },
    {Bug::reads_are_stale,           "reads_are_stale"          },
    {Bug::feed_skips_a_row,          "feed_skips_a_row"         },
    {Bug::feed_swaps_block_and_free, "feed_swaps_block_and_free"},
    {Bug::feed_shows_rows_late,      "feed_shows_rows_late"     },
    {Bug::feed_lacks_logouts,        "feed_lacks_logouts"       },
    {Bug::feed_lacks_unblocks,       "feed_lacks_unblocks"      },
    {Bug::feed_lacks_roles,          "feed_lacks_roles"         },
    {Bug::standing_misses_one,       "standing_misses_one"      },
    {Bug::standing_runs_ahead,       "standing_runs_ahead"      },
    {Bug::forgets_changes_at_once,   "forgets_changes_at_once"  },
    {Bug::writes_come_twice,         "writes_come_twice"        },
    {Bug::silence_counts_as_yes,     "silence_counts_as_yes"    },
    {Bug::serves_before_catch_up,    "serves_before_catch_up"   },
    {Bug::starts_without_standing,   "starts_without_standing"  },
    {Bug::answers_before_applying,   "answers_before_applying"  },
    {Bug::cache_outlives_logout,     "cache_outlives_logout"    },
    {Bug::table_forgets_early,       "table_forgets_early"      },
    {Bug::feed_dies_of_an_error,     "feed_dies_of_an_error"    },
    {Bug::feed_is_read_rarely,       "feed_is_read_rarely"      },
});

} // namespace

std::span<const NamedBug> all_bugs() noexcept
{
    return named;
}

std::optional<Bug> find_bug(std::string_view name) noexcept
{
    const auto found = std::ranges::find(named, name, &NamedBug::name);
    if (found == named.end()) return std::nullopt;
    return found->bug;
}

} // namespace gatehouse::simulation
