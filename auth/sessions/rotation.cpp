#include "auth/sessions/rotation.hpp"

#include "config/basics/enforced.hpp"

#include <algorithm>

namespace gatehouse::auth {

namespace {

/// Whether the generation was exchanged a moment ago. Replicas' clocks differ a little, so that
/// moment may seem to lie ahead; one that lies further off than the window counts for nobody.
bool is_straggler(const RefreshState& state, Generation presented, Millis now,
                  std::chrono::milliseconds window) noexcept
{
    const auto found =
        std::find_if(state.superseded.begin(), state.superseded.end(),
                     [&](const SupersededGeneration& old) { return old.generation == presented; });
    if (found == state.superseded.end()) return false; // fell out of the list: long ago
    if (!enforced("rotation.window")) return true;
    return now - found->superseded_at < window && found->superseded_at - now < window;
}

/// Whoever presents the token that brought the current pair may never have got it. Once somebody
/// used the pair, it has arrived.
bool may_be_lost(const RefreshState& state, Generation presented,
                 const StragglerPolicy& policy) noexcept
{
    if (policy.lost_answer != config::LostAnswer::repeat) return false;
    if (enforced("rotation.unused") && !state.unused) return false;
    return !enforced("rotation.previous") || presented + 1 == state.current;
}

} // namespace

Rotation decide_rotation(const RefreshState& state, Generation presented, Millis now,
                         const StragglerPolicy& policy) noexcept
{
    // Signing out beats everything, also the grace for stragglers.
    if (enforced("rotation.ended") && state.ended) return Rotation::refuse_ended;
    if (enforced("rotation.user") && state.user_may_not) return Rotation::refuse_ended;

    // Newer than what we know: the store was restored from a backup. Nothing can be proved of it.
    if (enforced("rotation.newer") && presented > state.current) return Rotation::refuse;

    const bool expired = enforced("rotation.expired") && now >= Millis{state.expires_at};
    if (presented == state.current) return expired ? Rotation::refuse_expired : Rotation::rotate;

    if (may_be_lost(state, presented, policy)) {
        return expired ? Rotation::refuse_expired : Rotation::repeat_current;
    }
    if (enforced("rotation.theft") && !is_straggler(state, presented, now, policy.window)) {
        return Rotation::end_session;
    }
    if (policy.answer == config::OnStraggler::refuse) return Rotation::refuse;
    return expired ? Rotation::refuse_expired : Rotation::repeat_current;
}

StragglerPolicy straggler_policy(const config::RefreshSettings& settings,
                                 SessionDelivery delivery) noexcept
{
    const auto usual = delivery == SessionDelivery::body ? config::OnStraggler::refuse
                                                         : config::OnStraggler::repeat;
    return {settings.straggler_window, settings.on_straggler.value_or(usual), settings.lost_answer};
}

std::string_view to_string(Rotation rotation) noexcept
{
    switch (rotation) {
    case Rotation::rotate:
        return "rotate";
    case Rotation::repeat_current:
        return "repeat_current";
    case Rotation::refuse:
        return "refuse";
    case Rotation::end_session:
        return "end_session";
    case Rotation::refuse_expired:
        return "refuse_expired";
    case Rotation::refuse_ended:
        return "refuse_ended";
    }
    return "unknown";
}

std::ostream& operator<<(std::ostream& out, Rotation rotation)
{
    return out << to_string(rotation);
}

} // namespace gatehouse::auth
