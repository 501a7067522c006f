#include "auth/accounts/in_background.hpp"

#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>

#include <system_error>
#include <thread>

namespace gatehouse::auth {

namespace {

constexpr int nice_for(Share kept) noexcept
{
    switch (kept) {
    case Share::thirtieth:
        return 15;
    case Share::tenth:
        return 10;
    case Share::equal:
        return 0;
    }
    return 0;
}

} // namespace

void give_way(Share kept) noexcept
{
    // Where a sandbox refuses, hashes and requests compete as equals; nothing else changes.
    // 0 means the calling thread, for both.
    const sched_param none{};
    ::setpriority(PRIO_PROCESS, 0, nice_for(kept));
    ::sched_setscheduler(0, SCHED_BATCH, &none);
    // The slice this thread began with, some 3 ms, was granted to it as an equal.
    ::sched_yield();
}

void pause_by_real_time(std::chrono::nanoseconds span) noexcept
{
    // A span, and no time until which: neither clock_gettime() nor nanosleep(), which simulations
    // answer themselves, have a part in it.
    const timespec time{0, span.count()};
    ::clock_nanosleep(CLOCK_MONOTONIC, 0, &time, nullptr);
}

ThreadClock::Running::Running(ThreadClock& clock) noexcept : clock_(clock)
{
    clockid_t own{};
    if (::pthread_getcpuclockid(::pthread_self(), &own) == 0) clock_.clock_ = own;
}

ThreadClock::Running::~Running()
{
    clock_.used_ = clock_.used().count();
}

std::chrono::nanoseconds ThreadClock::used() const noexcept
{
    if (const auto in_all = used_.load(); in_all >= 0) return std::chrono::nanoseconds(in_all);
    timespec used{};
    const auto clock = clock_.load();
    if (clock == -1 || ::clock_gettime(clock, &used) != 0) return {};
    return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

void BackgroundJob::offer(Share kept)
{
    offered_at_ = kept;
    offered_ = std::chrono::steady_clock::now();
    std::thread([self = shared_from_this(), kept] {
        give_way(kept);
        auto taken_at = nobody;
        if (self->taken_at_.compare_exchange_strong(taken_at, static_cast<int>(kept))) self->run();
    }).detach();
}

void BackgroundJob::offer_higher()
{
    if (taken_at_ != nobody || offered_at_ == Share::equal) return;
    if (progress().took < first_judgement) return;
    try {
        offer(offered_at_ == Share::thirtieth ? Share::tenth : Share::equal);
    } catch (const std::system_error&) {
        // Then the thread that is there has to do.
    }
}

Progress BackgroundJob::progress() const noexcept
{
    const auto taken_at = taken_at_.load();
    return {taken_at == nobody ? offered_at_ : static_cast<Share>(taken_at), clock_.used(),
            std::chrono::steady_clock::now() - offered_, clock_.has_ended()};
}

} // namespace gatehouse::auth
