#pragma once

#include <chrono>
#include <ctime>
#include <map>
#include <string>
#include <vector>

namespace gatehouse::bench {

inline double seconds_on(clockid_t clock)
{
    timespec spent{};
    ::clock_gettime(clock, &spent);
    return static_cast<double>(spent.tv_sec) + static_cast<double>(spent.tv_nsec) / 1e9;
}

/// Processor time of a process so far, from the scheduler's own nanoseconds; of threads that have
/// ended, too.
inline double cpu_seconds(const std::string& pid)
{
    clockid_t clock{};
    return ::clock_getcpuclockid(std::stoi(pid), &clock) == 0 ? seconds_on(clock) : 0;
}

/// What everybody had used at one moment.
struct CpuTimes {
    std::chrono::steady_clock::time_point time;
    double own = 0;
    std::map<std::string, double> processes;

    static CpuTimes take(const std::vector<std::string>& pids)
    {
        CpuTimes now{std::chrono::steady_clock::now(), seconds_on(CLOCK_PROCESS_CPUTIME_ID), {}};
        for (const auto& pid : pids) now.processes[pid] = cpu_seconds(pid);
        return now;
    }
};

} // namespace gatehouse::bench
