#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace gatehouse::gateway {

/// An event loop that has to show that it turns.
struct Watched {
    /// Has the loop call `answer`, when it comes to it.
    std::function<void(std::function<void()> answer)> ask;
    /// It has come to its end, and answers nobody any more.
    std::function<bool()> has_ended;
};

/// Asks every loop again and again whether it still turns.
class RollCall {
public:
    explicit RollCall(std::vector<Watched> loops);

    /// Whether all have answered what they were asked at the call before (at the first one: yes),
    /// and asks those anew. One that owes an answer is not asked for another.
    [[nodiscard]] bool all_answered();

private:
    struct Loop {
        Watched watched;
        /// Shared with the question, which may outlive us in the loop's queue.
        std::shared_ptr<std::atomic<bool>> answered;
    };

    std::vector<Loop> loops_;
};

/// Gives a sign of life as long as every loop turns: three times within `limit`, after which
/// somebody else takes us for dead.
class Watchdog {
public:
    Watchdog(std::chrono::microseconds limit, std::vector<Watched> loops,
             std::function<void()> sign_of_life);
    Watchdog(const Watchdog&) = delete;
    Watchdog& operator=(const Watchdog&) = delete;
    ~Watchdog();

private:
    void run();

    const std::chrono::microseconds pace_;
    RollCall roll_call_;
    const std::function<void()> sign_of_life_;
    std::mutex mutex_;
    std::condition_variable stopping_;
    bool stopped_ = false; // guarded by mutex_
    std::thread thread_;
};

} // namespace gatehouse::gateway
