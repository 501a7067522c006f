#pragma once

#include <cstddef>
#include <cstdint>

namespace gatehouse::gateway {

/// What an attempt to read or write came to.
struct Transfer {
    enum class State : std::uint8_t {
        moved,       // `bytes` > 0
        would_block, // wait, then try again
        ended,       // read only: the peer has finished sending
        failed       // reset, gone, or over TLS cut off without a word
    };

    State state = State::would_block;
    std::size_t bytes = 0;
};

/// The peer has finished, or is gone.
[[nodiscard]] constexpr bool has_ended(Transfer::State state) noexcept
{
    return state == Transfer::State::ended || state == Transfer::State::failed;
}

} // namespace gatehouse::gateway
