#pragma once

#include "auth/basics/clock.hpp"
#include "gateway/pipeline/decision.hpp"

#include <cstdint>
#include <string_view>

namespace gatehouse::gateway {

/// Why an exchange that has lasted for a while goes on no longer.
enum class Ended : std::uint8_t {
    no,
    with_its_session, // or its user
    with_its_token,   // unless the route says that it may go on
    unheard           // nobody here would hear of it if it had
};

/// Judges somebody who was let in before. `Ended::no` also where no token was looked at.
[[nodiscard]] Ended ended_meanwhile(const DecisionRooms& rooms, const Admission& admission,
                                    auth::Seconds now);
[[nodiscard]] std::string_view to_string(Ended ended) noexcept;

} // namespace gatehouse::gateway
