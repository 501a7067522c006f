#pragma once

#include <sys/types.h>

#include <cstdint>
#include <span>
#include <vector>

namespace gatehouse::gateway {

/// A call that is allowed where one of its arguments says the right thing. Several rules of one
/// call are alternatives.
struct ArgumentRule {
    std::uint32_t call;
    std::uint32_t
        argument; // counted from 0; of an int the kernel takes the lower 32 bits, as we do
    std::uint32_t mask;
    std::uint32_t value;
};

/// Which system calls a gateway that runs may make; a number that stands nowhere here is refused.
struct SystemCalls {
    /// Allowed with any arguments, the most frequent first.
    std::span<const std::uint32_t> allowed;
    std::vector<ArgumentRule> by_argument;
    /// Said to be unknown to this kernel, for libraries then do the same with older calls.
    std::span<const std::uint32_t> absent;
    /// From this number on too: calls of kernels later than this list.
    std::uint32_t first_unknown = 0;
};

/// `process` is the one that will obey; it may send signals to its own threads alone.
[[nodiscard]] SystemCalls system_calls_for(pid_t process);

} // namespace gatehouse::gateway
