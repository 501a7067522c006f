#include "tests/simulation/invariants.hpp"

namespace gatehouse::simulation {

std::string_view to_string(Invariant invariant) noexcept
{
    switch (invariant) {
    case Invariant::one_live_generation:
        return "one_live_generation";
    case Invariant::one_session_from_one:
        return "one_session_from_one";
    case Invariant::replay_brings_nothing:
        return "replay_brings_nothing";
    case Invariant::lost_answer_comes_again:
        return "lost_answer_comes_again";
    case Invariant::used_pair_is_spent:
        return "used_pair_is_spent";
    case Invariant::overlapping_agree:
        return "overlapping_agree";
    case Invariant::ended_stays_ended:
        return "ended_stays_ended";
    case Invariant::ended_here_at_once:
        return "ended_here_at_once";
    case Invariant::feed_bound:
        return "feed_bound";
    case Invariant::confirmed_everywhere:
        return "confirmed_everywhere";
    case Invariant::confirmed_in_time:
        return "confirmed_in_time";
    case Invariant::lease_is_kept:
        return "lease_is_kept";
    case Invariant::blocked_stays_blocked:
        return "blocked_stays_blocked";
    case Invariant::deleted_stays_deleted:
        return "deleted_stays_deleted";
    case Invariant::old_password_opens_nothing:
        return "old_password_opens_nothing";
    case Invariant::nothing_acknowledged_lost:
        return "nothing_acknowledged_lost";
    case Invariant::live_stays_live:
        return "live_stays_live";
    case Invariant::tokens_say_the_truth:
        return "tokens_say_the_truth";
    case Invariant::keys_are_known:
        return "keys_are_known";
    case Invariant::roles_follow:
        return "roles_follow";
    case Invariant::within_lifetime:
        return "within_lifetime";
    case Invariant::within_room:
        return "within_room";
    case Invariant::one_tidies:
        return "one_tidies";
    }
    return "unknown";
}

} // namespace gatehouse::simulation
