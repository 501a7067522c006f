#pragma once

#include "auth/store/failure_report.hpp"
#include "auth/store/open_store.hpp"
#include "auth/store/sqlite/database.hpp"
#include "auth/store/sqlite/file_lock.hpp"
#include "auth/store/store_error.hpp"

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

namespace gatehouse::auth::sqlite {

/// How long and how many callers may wait for the one connection that writes.
struct WriterLimits {
    /// From the call to its answer; a caller that waited longer is told `unavailable`. Where
    /// somebody waited so long already, those who come later wait a quarter of it.
    std::chrono::milliseconds patience{700};
    std::size_t max_queued = 1024;
    std::size_t max_batch = 128;
    StoreMeter* meter = nullptr; // counts the calls; null: nobody does
};

/// The one connection that writes, on its own thread. Jobs that wait together are committed
/// together: one BEGIN IMMEDIATE .. COMMIT and one sync for the batch, each job in a savepoint of
/// its own, and no job is answered before the COMMIT of its batch succeeded. If it fails, every job
/// of the batch is `unavailable`.
///
/// Whoever writes or checkpoints, in whatever process, holds the file lock meanwhile; only a
/// gateway's writer checkpoints.
class Writer {
public:
    Writer(Database database, FileLock lock, StoreRole role, WriterLimits limits,
           FailureReport& failures);
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;
    ~Writer();

    /// Refuses what still waits and whatever comes later; a batch that was begun is finished.
    void stop() noexcept;

    /// Runs `work(Database&)`, which returns a Result<T, StoreError>, and gives back its answer
    /// once that is durable; an error undoes what the job wrote. The job must own what it uses: a
    /// caller whose patience ended is gone before its job.
    template <class Work>
    [[nodiscard]] auto run(Work work) -> std::invoke_result_t<Work&, Database&>
    {
        using Answer = std::invoke_result_t<Work&, Database&>;
        auto job = std::make_shared<Job>();
        auto answer = std::make_shared<Answer>(StoreError::unavailable);
        job->work = [work = std::move(work), answer](Database& database) mutable {
            *answer = work(database);
            return answer->has_value();
        };
        StoreMeter::Call call(limits_.meter, StoreMeter::Kind::write);
        if (carry_out(job)) return std::move(*answer);
        call.failed();
        return StoreError::unavailable;
    }

private:
    struct Job {
        std::function<bool(Database&)> work; // false: undo it
        std::condition_variable settled;
        enum class State { waiting, durable, lost } state = State::waiting;
    };

    using Batch = std::vector<std::shared_ptr<Job>>;

    [[nodiscard]] bool carry_out(const std::shared_ptr<Job>& job);
    [[nodiscard]] std::chrono::milliseconds patience() const;
    void report_overdue();
    void cannot_begin(const char* obstacle);
    void serve();
    [[nodiscard]] bool wait_for_work();
    void commit_batch();
    [[nodiscard]] Batch take_batch();
    void perform(Job& job);
    void settle(const Batch& batch, Job::State state);
    void checkpoint_when_due();

    Database database_;
    FileLock lock_;
    StoreRole role_;
    WriterLimits limits_;
    FailureReport& failures_;
    int pages_in_log_ = 0; // told by SQLite after each commit

    std::mutex mutex_;
    std::condition_variable arrived_;
    std::deque<std::shared_ptr<Job>> queue_;
    /// Since when the writer works on, or cannot begin, the batch it is at.
    std::optional<std::chrono::steady_clock::time_point> at_work_since_;
    const char* obstacle_ = nullptr; // why it cannot begin
    bool stopping_ = false;
    std::thread thread_; // last: it uses all of the above
};

} // namespace gatehouse::auth::sqlite
