#pragma once

#include <chrono>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

namespace gatehouse::bench {

/// Processor time of all threads of a process so far, from the scheduler's own nanoseconds.
inline double cpu_seconds(const std::string& pid)
{
    double nanoseconds = 0;
    std::error_code gone;
    for (const auto& task : std::filesystem::directory_iterator("/proc/" + pid + "/task", gone)) {
        std::ifstream schedstat{task.path() / "schedstat"};
        double on_cpu = 0;
        if (schedstat >> on_cpu) nanoseconds += on_cpu;
    }
    return nanoseconds / 1e9;
}

inline double own_cpu_seconds()
{
    timespec spent{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
    return static_cast<double>(spent.tv_sec) + static_cast<double>(spent.tv_nsec) / 1e9;
}

/// What everybody had used at one moment.
struct CpuTimes {
    std::chrono::steady_clock::time_point time;
    double own = 0;
    std::map<std::string, double> processes;

    static CpuTimes take(const std::vector<std::string>& pids)
    {
        CpuTimes now{std::chrono::steady_clock::now(), own_cpu_seconds(), {}};
        for (const auto& pid : pids) now.processes[pid] = cpu_seconds(pid);
        return now;
    }
};

} // namespace gatehouse::bench
