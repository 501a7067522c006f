#pragma once

#include "gateway/net/task.hpp"
#include "gateway/net/timer_wheel.hpp"
#include "gateway/net/wakeable.hpp"

#include <chrono>

namespace gatehouse::gateway {

class Watch;

/// A worker's timer wheel on its event loop: one timer of the kernel for all deadlines, set for
/// the earliest of them.
class Timers final : private Wakeable {
public:
    /// Throws when there is no descriptor or memory left for the kernel's timer.
    explicit Timers(asio::io_context& io);
    Timers(const Timers&) = delete;
    Timers& operator=(const Timers&) = delete;
    ~Timers();

    void arm(TimerWheel::Entry& entry, std::chrono::milliseconds after) noexcept;

    /// Monotonic, from the kernel's coarse clock (a few milliseconds): 5 ns instead of 25.
    [[nodiscard]] static TimerWheel::Time now() noexcept;

private:
    void wake() noexcept override;
    void sleep_until(TimerWheel::Time due) noexcept;

    TimerWheel wheel_;
    Watch* alarm_; // the kernel's timer
    /// What it is set for: only something earlier has to set it anew.
    TimerWheel::Time rings_for_ = TimerWheel::Time::max();
};

/// The limit of one wait: wakes somebody when it passes, and remembers that it has.
class Deadline final : public TimerWheel::Entry {
public:
    Deadline() = default;

    ~Deadline() = default;

    void arm(Timers& timers, std::chrono::milliseconds after, Wakeable& whom) noexcept
    {
        whom_ = &whom;
        passed_ = false;
        timers.arm(*this, after);
    }

    /// Not armed any more, and not passed.
    void clear() noexcept
    {
        disarm();
        passed_ = false;
    }

    /// As if it had passed.
    void expire() noexcept
    {
        disarm();
        passed_ = true;
    }

    [[nodiscard]] bool has_passed() const noexcept { return passed_; }

private:
    void on_due() noexcept override
    {
        passed_ = true;
        whom_->wake();
    }

    Wakeable* whom_ = nullptr;
    bool passed_ = false;
};

} // namespace gatehouse::gateway
