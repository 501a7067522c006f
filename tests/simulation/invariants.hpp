#pragma once

#include <cstdint>
#include <string_view>

namespace gatehouse::simulation {

/// What must hold in every run; docs/SESSIONS.md says each in a sentence.
enum class Invariant : std::uint8_t {
    one_live_generation,
    one_session_from_one,
    replay_brings_nothing,
    lost_answer_comes_again,
    used_pair_is_spent,
    overlapping_agree,
    ended_stays_ended,
    ended_here_at_once,
    feed_bound,
    confirmed_everywhere,
    confirmed_in_time,
    lease_is_kept,
    blocked_stays_blocked,
    deleted_stays_deleted,
    old_password_opens_nothing,
    nothing_acknowledged_lost,
    live_stays_live,
    tokens_say_the_truth,
    keys_are_known,
    roles_follow,
    within_lifetime,
    within_room,
    one_tidies
};

[[nodiscard]] std::string_view to_string(Invariant invariant) noexcept;

} // namespace gatehouse::simulation
