#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <future>
#include <memory>
#include <type_traits>
#include <utility>

namespace gatehouse::auth {

/// What a thread that gives way keeps of a core for which others fight: see decision 10.
enum class Share { thirtieth, tenth, equal };

/// Lets the scheduler prefer every other thread to the calling one, which cannot take that back:
/// rising again is a privilege.
void give_way(Share kept) noexcept;

/// Who waits for work in the background looks after it this often. The kernel judges anew who runs
/// on a core when a thread wakes there, and else at its next tick: without, a worker that woke a
/// moment too early for its turn waits up to 4 ms for the end of that tick.
inline constexpr std::chrono::microseconds look_after{250};

/// Where time is simulated, too: work in the background takes none there, and is done all the same.
void pause_by_real_time(std::chrono::nanoseconds span) noexcept;

/// So long after a thread was made it says something how much of a core it has got.
inline constexpr std::chrono::milliseconds first_judgement{100};

/// What a thread has used of a core, for others to read while it works and afterwards.
class ThreadClock {
public:
    /// The calling thread is the one, as long as this lives.
    class Running {
    public:
        explicit Running(ThreadClock& clock) noexcept;
        Running(const Running&) = delete;
        Running& operator=(const Running&) = delete;
        ~Running();

    private:
        ThreadClock& clock_;
    };

    /// Zero before it began.
    [[nodiscard]] std::chrono::nanoseconds used() const noexcept;

    [[nodiscard]] bool has_ended() const noexcept { return used_ >= 0; }

private:
    std::atomic<clockid_t> clock_{-1};
    std::atomic<std::int64_t> used_{-1}; // nanoseconds in all, once it has ended
};

/// How work in the background gets on.
struct Progress {
    Share kept{};                    // by the thread that works, or was made last
    std::chrono::nanoseconds used{}; // of a core
    std::chrono::nanoseconds took{}; // since that thread was made
    bool has_ended = false;
};

/// Work that is offered to threads, for the first that is let run. Whoever comes later finds it
/// taken and goes; nobody waits for such a thread, it may wait long for its turn.
class BackgroundJob : public std::enable_shared_from_this<BackgroundJob> {
public:
    BackgroundJob() = default;
    BackgroundJob(const BackgroundJob&) = delete;
    BackgroundJob& operator=(const BackgroundJob&) = delete;
    virtual ~BackgroundJob() = default;

    /// To a new thread that keeps so much. std::system_error: there is none to be had.
    void offer(Share kept);
    /// To one that keeps a step more, where the others have not been let run though it was time.
    void offer_higher();
    /// For the thread that offers.
    [[nodiscard]] Progress progress() const noexcept;

protected:
    ThreadClock clock_;

private:
    virtual void run() = 0;

    static constexpr int nobody = -1;
    std::atomic<int> taken_at_{nobody}; // the Share of the thread that works
    Share offered_at_{};                // of the thread that was made last
    std::chrono::steady_clock::time_point offered_;
};

template <class Work>
class BackgroundWork final : public BackgroundJob {
public:
    using Answer = std::invoke_result_t<Work&>;

    explicit BackgroundWork(Work work)
        : task_([this, work = std::move(work)]() mutable {
              const ThreadClock::Running running(clock_);
              return work();
          })
    {
    }

    [[nodiscard]] std::future<Answer> answer() { return task_.get_future(); }

private:
    void run() override { task_(); }

    std::packaged_task<Answer()> task_;
};

/// Runs `work()` on a thread of its own that gives way, waits for it, and gives back what it
/// returned (or threw). `work` holds nothing that others wait for: it may take long to go on.
/// `look(Progress)` is called again and again meanwhile, and once when it has ended.
/// std::system_error: there is no thread to be had.
template <class Work, class Look>
std::invoke_result_t<Work&> in_background(Share kept, Work work, Look look)
{
    const auto job = std::make_shared<BackgroundWork<Work>>(std::move(work));
    auto answer = job->answer();
    job->offer(kept);
    while (answer.wait_for(std::chrono::seconds(0)) == std::future_status::timeout) {
        pause_by_real_time(look_after);
        look(job->progress());
        job->offer_higher();
    }
    look(job->progress());
    return answer.get();
}

} // namespace gatehouse::auth
