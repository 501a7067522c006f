#pragma once

#include "config/settings/settings.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>

namespace gatehouse::gateway {

/// CPUs a cgroup may use, rounded up: from cgroup v2's `cpu.max` ("150000 100000": 2).
/// Nothing for "max", or for text that is not of that form.
[[nodiscard]] std::optional<std::uint32_t> cores_of_cpu_max(std::string_view text) noexcept;

/// The same from cgroup v1's two files; a quota of -1 is no limit.
[[nodiscard]] std::optional<std::uint32_t> cores_of_cfs(std::string_view quota,
                                                        std::string_view period) noexcept;

/// Workers to start when the settings do not say: the CPUs this process may run on, but no more
/// than its cgroup's limit rounded up. At least 1. `cgroup_root` is /sys/fs/cgroup but in tests.
[[nodiscard]] std::uint32_t
available_cores(const std::filesystem::path& cgroup_root = "/sys/fs/cgroup");

/// Workers that a gateway with these settings starts.
[[nodiscard]] std::size_t workers_of(const config::Settings& settings);

} // namespace gatehouse::gateway
