#include "gateway/observe/process_usage.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <system_error>

namespace gatehouse::gateway {
namespace {

/// When the machine was started, in seconds since 1970.
std::optional<double> boot_time()
{
    std::ifstream stat("/proc/stat");
    for (std::string line; std::getline(stat, line);) {
        if (line.starts_with("btime ")) return std::stod(line.substr(6));
    }
    return std::nullopt;
}

std::optional<std::uint64_t> count_descriptors()
{
    std::error_code error;
    std::uint64_t count = 0;
    std::filesystem::directory_iterator entry("/proc/self/fd", error);
    for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error))
        ++count;
    if (error || count == 0) return std::nullopt;
    return count - 1; // the one that reads the folder
}

/// The fields of proc(5) behind the name, which may hold blanks; the first is number 3.
struct StatFields {
    std::uint64_t user = 0;    // 14
    std::uint64_t system = 0;  // 15
    std::uint64_t threads = 0; // 20
    std::uint64_t started = 0; // 22
    std::uint64_t bytes = 0;   // 23
    std::uint64_t pages = 0;   // 24
};

std::optional<StatFields> read_stat()
{
    std::ifstream file("/proc/self/stat");
    std::string line;
    if (!std::getline(file, line)) return std::nullopt;
    const auto end_of_name = line.rfind(") ");
    if (end_of_name == line.npos) return std::nullopt;
    std::istringstream rest(line.substr(end_of_name + 2));
    StatFields fields;
    std::string other;
    for (int number = 3; number <= 24; ++number) {
        switch (number) {
        case 14:
            rest >> fields.user;
            break;
        case 15:
            rest >> fields.system;
            break;
        case 20:
            rest >> fields.threads;
            break;
        case 22:
            rest >> fields.started;
            break;
        case 23:
            rest >> fields.bytes;
            break;
        case 24:
            rest >> fields.pages;
            break;
        default:
            rest >> other;
        }
    }
    if (!rest) return std::nullopt;
    return fields;
}

} // namespace

ProcessUsage read_process_usage()
{
    ProcessUsage usage;
    const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
    if (const auto stat = read_stat()) {
        usage.cpu_seconds = static_cast<double>(stat->user + stat->system) / ticks;
        usage.threads = stat->threads;
        usage.virtual_bytes = stat->bytes;
        usage.resident_bytes = stat->pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
        if (const auto boot = boot_time()) {
            usage.start_time = *boot + static_cast<double>(stat->started) / ticks;
        }
    }
    usage.open_fds = count_descriptors();
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) usage.max_fds = limit.rlim_cur;
    return usage;
}

} // namespace gatehouse::gateway
