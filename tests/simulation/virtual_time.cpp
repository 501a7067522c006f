#include "tests/simulation/virtual_time.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>
#include <ctime>

namespace gatehouse::simulation {

namespace {

thread_local Scheduler* told_by = nullptr;

timespec to_timespec(Time time)
{
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
    return {seconds.count(), std::chrono::nanoseconds(time - seconds).count()};
}

Time to_time(const timespec& span)
{
    return std::chrono::ceil<Time>(std::chrono::seconds(span.tv_sec) +
                                   std::chrono::nanoseconds(span.tv_nsec));
}

} // namespace

VirtualTime::VirtualTime(Scheduler& scheduler) noexcept
{
    told_by = &scheduler;
}

VirtualTime::~VirtualTime()
{
    told_by = nullptr;
}

} // namespace gatehouse::simulation

// Both stand before the C library's in this program: std::chrono::steady_clock asks the one, and
// std::this_thread::sleep_for and sleep_until the other.
// NOLINTBEGIN(readability-identifier-naming): their names are given

extern "C" int clock_gettime(clockid_t clock, timespec* now) noexcept
{
    using namespace gatehouse::simulation;
    if (told_by == nullptr || clock != CLOCK_MONOTONIC) {
        return static_cast<int>(::syscall(SYS_clock_gettime, clock, now));
    }
    *now = to_timespec(told_by->now());
    return 0;
}

/// Throws Killed, as every wait of a fiber does.
extern "C" int nanosleep(const timespec* span, timespec* rest)
{
    using namespace gatehouse::simulation;
    if (told_by == nullptr) {
        return static_cast<int>(::syscall(SYS_nanosleep, span, rest));
    }
    told_by->sleep(to_time(*span));
    return 0;
}

// NOLINTEND(readability-identifier-naming)
