#pragma once

#include "gateway/net/file_descriptor.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::gateway {

/// As many descriptors travel with one message: unix(7), SCM_RIGHTS.
inline constexpr std::size_t most_passed_at_once = 253;

/// Sends `text` over a unix socket, and with it copies of these descriptors. False: not all of it
/// went, and errno says why.
[[nodiscard]] bool pass(int socket, std::string_view text, std::span<const int> descriptors);

/// What came over a unix socket.
struct Passed {
    std::string text;
    std::vector<FileDescriptor> descriptors; // closed on exec
    bool complete = true; // false: this process has no room for some of the descriptors
};

enum class Reading { more, ended, failed };

/// Waits for one more piece and appends it.
[[nodiscard]] Reading read_passed(int socket, Passed& into);

} // namespace gatehouse::gateway
