#pragma once

#include <cstdint>
#include <optional>

namespace gatehouse::gateway {

/// What the kernel says about this process. What it does not say is unset.
struct ProcessUsage {
    std::optional<double> cpu_seconds{};
    std::optional<double> start_time{}; // seconds since 1970
    std::optional<std::uint64_t> resident_bytes{};
    std::optional<std::uint64_t> virtual_bytes{};
    std::optional<std::uint64_t> threads{};
    std::optional<std::uint64_t> open_fds{};
    std::optional<std::uint64_t> max_fds{};
};

/// Reads /proc: some tens of microseconds, more with thousands of descriptors.
[[nodiscard]] ProcessUsage read_process_usage();

} // namespace gatehouse::gateway
