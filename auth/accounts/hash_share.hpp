#pragma once

#include "auth/accounts/in_background.hpp"

#include <chrono>

namespace gatehouse::auth {

/// What the next hash keeps of a core for which others fight, after one that kept `kept`, `needed`
/// so much of a core and `took` so long. One that had a hundredth and got less than a twentieth was
/// starved by requests: those behind it get their tenth, until one gets more than twice that, as it
/// does where others leave something.
[[nodiscard]] constexpr Share next_share(Share kept, std::chrono::nanoseconds needed,
                                         std::chrono::nanoseconds took) noexcept
{
    const int slow = kept == Share::tenth ? 5 : 20; // times what it needed
    return took > slow * needed ? Share::tenth : Share::hundredth;
}

} // namespace gatehouse::auth
