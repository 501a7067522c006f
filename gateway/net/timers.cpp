#include "gateway/net/timers.hpp"

#include "gateway/net/watch.hpp"

#include <sys/timerfd.h>
#include <time.h>

#include <system_error>

namespace gatehouse::gateway {
namespace {

using Time = TimerWheel::Time;

std::chrono::nanoseconds read_clock(clockid_t clock) noexcept
{
    timespec time{};
    ::clock_gettime(clock, &time);
    return std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec};
}

/// How far the coarse clock is behind the fine one: a few milliseconds.
std::chrono::nanoseconds clock_step() noexcept
{
    timespec step{};
    ::clock_getres(CLOCK_MONOTONIC_COARSE, &step);
    return std::chrono::seconds{step.tv_sec} + std::chrono::nanoseconds{step.tv_nsec};
}

} // namespace

Timers::Timers(asio::io_context& io)
    : wheel_(now()),
      alarm_(new Watch(
          io, FileDescriptor(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC))))
{
    if (const int error = alarm_->begin(); error != 0) {
        alarm_->abandon();
        throw std::system_error(error, std::system_category());
    }
}

Timers::~Timers()
{
    alarm_->abandon();
}

Time Timers::now() noexcept
{
    return std::chrono::floor<Time>(read_clock(CLOCK_MONOTONIC_COARSE));
}

void Timers::arm(TimerWheel::Entry& entry, std::chrono::milliseconds after) noexcept
{
    const auto due = wheel_.arm(entry, now(), after);
    if (due < rings_for_) sleep_until(due);
}

void Timers::wake() noexcept
{
    rings_for_ = Time::min(); // what is armed meanwhile is asked for below
    // Not now(): the coarse clock may be stuck for longer than a step when its processor is, and
    // the alarm would ring again and again.
    wheel_.advance(std::chrono::floor<Time>(read_clock(CLOCK_MONOTONIC) - clock_step()));
    rings_for_ = Time::max();
    if (const auto next = wheel_.next_due()) sleep_until(*next);
}

/// An alarm for what has been disarmed since rings in vain, once: seldom enough, where setting it
/// anew each time would be a system call for every request.
void Timers::sleep_until(Time due) noexcept
{
    rings_for_ = due;
    const auto at = due + clock_step(); // deadlines begin on the coarse clock
    const auto seconds = std::chrono::floor<std::chrono::seconds>(at);
    itimerspec setting{};
    setting.it_value.tv_sec = seconds.count();
    setting.it_value.tv_nsec = (at - seconds).count();
    ::timerfd_settime(alarm_->native(), TFD_TIMER_ABSTIME, &setting, nullptr);
    alarm_->reading.blocked = true; // nobody reads it: its next ring is a new edge all the same
    alarm_->wake_when_ready(alarm_->reading, *this);
}

} // namespace gatehouse::gateway
