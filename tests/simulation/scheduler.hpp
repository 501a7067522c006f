#pragma once

#include "tests/simulation/fiber.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <queue>
#include <vector>

namespace gatehouse::simulation {

/// Virtual time since the beginning of a run.
using Time = std::chrono::microseconds;

/// Thrown inside a fiber whose process was killed: everything on its stack is destroyed.
struct Killed {};

/// Who runs when. Time stands still while something runs and jumps to the next event when nothing
/// does; events of one instant happen in the order in which they were asked for.
class Scheduler {
public:
    /// One activity: a client, a request inside a replica, a replica's feed.
    struct Task {
        explicit Task(std::function<void()> body)
            : fiber([this, body = std::move(body)] {
                  if (!killed) body();
              })
        {
        }

        Fiber fiber;
        std::uint64_t ticket = 0; // of the wait it is in; an old one wakes nobody
        bool killed = false;
    };

    using TaskPointer = std::shared_ptr<Task>;

    /// What somebody who was waited for uses to wake the waiter, once.
    struct Wait {
        TaskPointer task;
        std::uint64_t ticket = 0;
    };

    Scheduler() = default;
    Scheduler(const Scheduler&) = delete;
    Scheduler& operator=(const Scheduler&) = delete;

    [[nodiscard]] Time now() const noexcept { return now_; }

    /// Outside of fibers, at that time (or now, if it has passed).
    void at(Time when, std::function<void()> what);

    void after(Time delay, std::function<void()> what) { at(now_ + delay, std::move(what)); }

    /// Begins as soon as nothing else runs.
    TaskPointer spawn(std::function<void()> body);
    /// Ends it where it stands. Not from inside a fiber.
    void kill(const TaskPointer& task);
    void kill_all();

    // --- From inside a fiber ------------------------------------------------------------------

    void sleep(Time span);
    /// begin_wait(), tell somebody, then wait: until woken, or until that time.
    [[nodiscard]] Wait begin_wait();
    void wait_until(const Wait& wait, Time deadline);
    void wake(const Wait& wait);

    /// Runs events up to that time.
    void run_until(Time end);

private:
    struct Event {
        Time when;
        std::uint64_t order;
        std::function<void()> what;
    };

    struct Later {
        bool operator()(const Event& a, const Event& b) const noexcept
        {
            return a.when != b.when ? a.when > b.when : a.order > b.order;
        }
    };

    void resume(const TaskPointer& task);
    void suspend();

    Time now_{};
    std::uint64_t events_ = 0;
    std::priority_queue<Event, std::vector<Event>, Later> queue_;
    TaskPointer running_;
    std::vector<TaskPointer> tasks_;
};

} // namespace gatehouse::simulation
