#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace gatehouse::gateway {

/// A coarse timer: thousands of deadlines cost two list operations each and no system call. An
/// entry fires up to one tick late and never early. Not thread-safe; one per worker.
///
/// Hashed wheel: an entry hangs in the slot of its tick, and one that is further away than a turn
/// of the wheel is passed by until its turn has come.
class TimerWheel {
    struct Link {
        Link* previous = nullptr;
        Link* next = nullptr;
    };

public:
    /// Monotonic time since any fixed moment. The wheel itself looks at no clock.
    using Time = std::chrono::milliseconds;

    static constexpr Time tick{25};

    /// Something that becomes due. It may be destroyed, armed again or disarmed at any time, also
    /// while it or another entry fires.
    class Entry : private Link {
    public:
        Entry() = default;
        Entry(const Entry&) = delete;
        Entry& operator=(const Entry&) = delete;

        [[nodiscard]] bool is_armed() const noexcept { return wheel_ != nullptr; }

        void disarm() noexcept;

    protected:
        ~Entry() { disarm(); }

    private:
        friend class TimerWheel;
        virtual void on_due() noexcept = 0;

        TimerWheel* wheel_ = nullptr;
        std::uint64_t due_tick_ = 0;
    };

    explicit TimerWheel(Time now) noexcept;
    TimerWheel(const TimerWheel&) = delete;
    TimerWheel& operator=(const TimerWheel&) = delete;

    /// `entry` fires once `after` has passed since `now`; what it was armed for before is
    /// forgotten. Returns when advance() will fire it.
    Time arm(Entry& entry, Time now, Time after) noexcept;

    /// Fires what has become due.
    void advance(Time now) noexcept;

    /// The earliest time at which advance() will fire anything.
    [[nodiscard]] std::optional<Time> next_due() const noexcept;

    [[nodiscard]] bool empty() const noexcept { return armed_ == 0; }

private:
    static constexpr std::size_t slots = 512; // a turn is 12.8 s; most entries never see a second

    [[nodiscard]] std::uint64_t tick_of(Time now) const noexcept
    {
        return static_cast<std::uint64_t>(now / tick);
    }

    void link(Entry& entry) noexcept;
    void visit(std::size_t slot, std::uint64_t reached) noexcept;

    std::array<Link, slots> slots_; // each the head of a circular list
    std::uint64_t reached_;         // ticks up to and including this one have fired
    std::size_t armed_ = 0;
};

} // namespace gatehouse::gateway
