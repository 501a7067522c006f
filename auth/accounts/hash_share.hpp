#pragma once

#include "auth/accounts/in_background.hpp"

#include <chrono>

namespace gatehouse::auth {

/// What the next hash keeps of a core for which others fight, where one that kept `kept` has used
/// so much of a core in so long, and `took` is divided by the hashes that share a core. Less than a
/// twentieth is starving: requests do that to a thirtieth, and to a tenth only a machine with far
/// more to do than it has cores. Those behind it rise a step, until one gets what says that others
/// leave something.
[[nodiscard]] constexpr Share next_share(Share kept, std::chrono::nanoseconds used,
                                         std::chrono::nanoseconds took) noexcept
{
    const bool starves = took > 20 * used;
    switch (kept) {
    case Share::thirtieth:
        break;
    case Share::tenth:
        if (starves) return Share::equal;
        return took > 5 * used ? Share::tenth : Share::thirtieth;
    case Share::equal:
        return took > 3 * used ? Share::equal : Share::tenth; // there are more than two others
    }
    return starves ? Share::tenth : Share::thirtieth;
}

} // namespace gatehouse::auth
