#include "gateway/runtime/cores.hpp"

#include <sched.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <limits>
#include <string>

namespace gatehouse::gateway {
namespace {

std::string_view trimmed(std::string_view text) noexcept
{
    while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
    return text;
}

std::optional<std::uint64_t> number_of(std::string_view text) noexcept
{
    std::uint64_t number = 0;
    const auto* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || stopped != end || text.empty()) return std::nullopt;
    return number;
}

std::optional<std::uint32_t> rounded_up(std::optional<std::uint64_t> quota,
                                        std::optional<std::uint64_t> period) noexcept
{
    if (!quota || !period || *quota == 0 || *period == 0) return std::nullopt;
    const auto cores = (*quota - 1) / *period + 1;
    if (cores > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
    return static_cast<std::uint32_t>(cores);
}

std::string first_line_of(const std::filesystem::path& file)
{
    std::ifstream in(file);
    std::string line;
    std::getline(in, line);
    return line;
}

/// Where this process stands in the cgroup v2 tree: "0::/some/place" in /proc/self/cgroup. Inside
/// a container that is "/", and the limit lies at the root of the mount.
std::filesystem::path own_group()
{
    std::ifstream in("/proc/self/cgroup");
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("0::/")) return line.substr(4);
    }
    return {};
}

std::uint32_t schedulable_cpus() noexcept
{
    cpu_set_t set;
    CPU_ZERO(&set);
    if (::sched_getaffinity(0, sizeof set, &set) != 0) return 1;
    return static_cast<std::uint32_t>(std::max(1, CPU_COUNT(&set)));
}

} // namespace

std::optional<std::uint32_t> cores_of_cpu_max(std::string_view text) noexcept
{
    text = trimmed(text);
    const auto space = text.find(' ');
    if (space == std::string_view::npos) return std::nullopt;
    return rounded_up(number_of(text.substr(0, space)), number_of(text.substr(space + 1)));
}

std::optional<std::uint32_t> cores_of_cfs(std::string_view quota, std::string_view period) noexcept
{
    return rounded_up(number_of(trimmed(quota)), number_of(trimmed(period)));
}

std::uint32_t available_cores(const std::filesystem::path& cgroup_root)
{
    auto cores = schedulable_cpus();
    const auto limit_by = [&cores](std::optional<std::uint32_t> limit) {
        if (limit) cores = std::min(cores, *limit);
    };
    // A parent's limit counts too, so every level from our group up to the root is read.
    const auto group = own_group();
    for (auto level = cgroup_root / group;; level = level.parent_path()) {
        limit_by(cores_of_cpu_max(first_line_of(level / "cpu.max")));
        if (level == cgroup_root || level == level.parent_path()) break;
    }
    limit_by(cores_of_cpu_max(first_line_of(cgroup_root / "cpu.max")));
    limit_by(cores_of_cfs(first_line_of(cgroup_root / "cpu/cpu.cfs_quota_us"),
                          first_line_of(cgroup_root / "cpu/cpu.cfs_period_us")));
    return std::max(1U, cores);
}

std::size_t workers_of(const config::Settings& settings)
{
    return settings.workers != 0 ? settings.workers : available_cores();
}

} // namespace gatehouse::gateway
