#include "gateway/net/timers.hpp"

#include <time.h>

namespace gatehouse::gateway {

Timers::Timers(asio::io_context& io) : wheel_(now()), timer_(io) {}

TimerWheel::Time Timers::now() noexcept
{
    timespec time{};
    ::clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
    return std::chrono::duration_cast<TimerWheel::Time>(std::chrono::seconds{time.tv_sec} +
                                                        std::chrono::nanoseconds{time.tv_nsec});
}

void Timers::arm(TimerWheel::Entry& entry, std::chrono::milliseconds after) noexcept
{
    wheel_.arm(entry, now(), after);
    if (!ticking_) keep_ticking();
}

void Timers::keep_ticking()
{
    ticking_ = true;
    timer_.expires_after(TimerWheel::tick);
    timer_.async_wait([this](boost::system::error_code error) {
        if (error) return; // the worker ends
        wheel_.advance(now());
        ticking_ = !wheel_.empty();
        if (ticking_) keep_ticking();
    });
}

} // namespace gatehouse::gateway
