#pragma once

#include "config/basics/result.hpp"
#include "gateway/net/file_descriptor.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace gatehouse::gateway {

/// Why nobody could be reached, in the system's words.
struct DialProblem {
    DialProblem() = default;

    DialProblem(std::string_view what, std::string_view why) { message.append(what).append(why); }

    std::string message;
};

/// Connects within `deadline`, trying each address of the name. The socket blocks and its reads
/// and writes are bounded by the same time.
[[nodiscard]] Result<FileDescriptor, DialProblem> dial(const std::string& host, std::uint16_t port,
                                                       std::chrono::milliseconds deadline);

} // namespace gatehouse::gateway
