#include "auth/accounts/in_background.hpp"

#include <sched.h>
#include <sys/resource.h>

#include <ctime>

namespace gatehouse::auth {

namespace {

constexpr int nice_for(Share kept) noexcept
{
    return kept == Share::tenth ? 10 : 19;
}

} // namespace

void give_way(Share kept) noexcept
{
    // Where a sandbox refuses, hashes and requests compete as equals; nothing else changes.
    // 0 means the calling thread, for both.
    const sched_param none{};
    ::sched_setscheduler(0, SCHED_BATCH, &none);
    ::setpriority(PRIO_PROCESS, 0, nice_for(kept));
    // The slice this thread began with, some 3 ms, was granted to it as an equal.
    ::sched_yield();
}

std::chrono::nanoseconds used_by_this_thread() noexcept
{
    timespec used{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

} // namespace gatehouse::auth
