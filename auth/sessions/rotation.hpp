#pragma once

#include "auth/basics/clock.hpp"
#include "auth/sessions/session.hpp"
#include "config/settings/identity.hpp"

#include <chrono>
#include <cstdint>
#include <ostream>
#include <span>
#include <string_view>

namespace gatehouse::auth {

enum class Rotation : std::uint8_t {
    rotate,         // the current token: exchange it for the next generation
    repeat_current, // may have the current pair again: a straggler, or one whose answer was lost
    refuse,         // a straggler, or a generation we never made: no, and nothing else happens
    end_session,    // an old token came back: somebody has a copy
    refuse_expired,
    refuse_ended // signed out, or the user is blocked or gone
};

[[nodiscard]] std::string_view to_string(Rotation rotation) noexcept;
std::ostream& operator<<(std::ostream& out, Rotation rotation);

/// What the store knows of the session a refresh token names.
struct RefreshState {
    Generation current = 0;
    /// No generation lives longer: the current one's `exp`, and the end of the session's absolute
    /// lifetime, whichever is earlier.
    Seconds expires_at{};
    bool ended = false;
    bool user_may_not = false; // blocked or deleted
    std::span<const SupersededGeneration> superseded;
    /// Nobody was seen to use the current pair, and somebody watches.
    bool unused = false;
};

/// How long, and how, a superseded generation counts as a straggler and not as theft: two tabs or
/// a repeated request may present the same token twice.
struct StragglerPolicy {
    std::chrono::milliseconds window{};
    config::OnStraggler answer = config::OnStraggler::refuse;
    /// Whether the token before the current one fetches the pair once more while that is unused,
    /// however long ago it was exchanged: the answer may never have arrived.
    config::LostAnswer lost_answer = config::LostAnswer::refuse;
};

/// Cookie delivery repeats unless the settings say otherwise, for there tabs race.
[[nodiscard]] StragglerPolicy straggler_policy(const config::RefreshSettings& settings,
                                               SessionDelivery delivery) noexcept;

/// What to do with a presented refresh token (RFC 9700, 4.14). Pure: no clock, no store. The
/// caller's conditional write decides who of several is first.
[[nodiscard]] Rotation decide_rotation(const RefreshState& state, Generation presented, Millis now,
                                       const StragglerPolicy& policy) noexcept;

} // namespace gatehouse::auth
