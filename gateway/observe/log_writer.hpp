#pragma once

#include "gateway/observe/log_sink.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace gatehouse::gateway {

class LogWriter;

/// A bounded ring of bytes from one thread to the writer's thread. Whole lines only.
class LogLane {
public:
    LogLane(LogWriter& writer, std::size_t capacity_bytes);

    /// false: no room, the line is dropped. Only one thread may push.
    [[nodiscard]] bool push(std::string_view line) noexcept;

    /// How many bytes are readable, and those that lie in one piece; the writer's thread only, as
    /// release(), which gives them back.
    [[nodiscard]] std::uint64_t readable_bytes() const noexcept;
    [[nodiscard]] std::span<const char> readable() const noexcept;
    void release(std::size_t bytes) noexcept;

    /// It will soon be full. Whoever pushes the line that makes it so wakes the writer.
    [[nodiscard]] bool is_crowded() const noexcept { return readable_bytes() >= crowd(); }

    /// Lines that found no room.
    [[nodiscard]] std::uint64_t dropped() const noexcept
    {
        return dropped_.load(std::memory_order_relaxed);
    }

private:
    LogWriter& writer_;

    [[nodiscard]] std::size_t crowd() const noexcept { return capacity_ / 2; }

    [[nodiscard]] std::size_t place_of(std::uint64_t byte) const noexcept
    {
        return (byte - first_) % capacity_;
    }

    const std::size_t capacity_;
    const std::unique_ptr<char[]> ring_;               // touched only as far as lines reach
    alignas(64) std::atomic<std::uint64_t> pushed_{0}; // bytes ever; changed by the pusher
    std::uint64_t first_ =
        0; // the byte at the ring's beginning; changed by the pusher, while empty
    std::atomic<std::uint64_t> dropped_{0};              // changed by the pusher
    alignas(64) std::atomic<std::uint64_t> released_{0}; // bytes ever; changed by the writer
};

/// What the writer has to tell of itself.
struct LogTrouble {
    enum class Kind : std::uint8_t {
        unwritable, // lines are being lost; comes once, when it begins
        lost,       // so many were: it writes again, or the ring had no room
        not_reopened,
        reopened
    };
    Kind kind{};
    std::string_view reason; // of the operating system
    std::uint64_t lines = 0;
};

/// How much lines may gather before they are written. A batch costs one system call, and on a core
/// that a worker has as well, all requests that are under way wait while it is written: fewer
/// batches let more than 99 of 100 go by.
struct LogPace {
    std::size_t lane_bytes = std::size_t{2} * 1024 * 1024; // half full, it is written at once
    std::chrono::milliseconds gathering{50};               // a reader waits no longer than this
};

/// The one thread that writes log lines to their sink. A reader that does not read, or a disk that
/// is full, loses lines, which are counted, and never holds up a worker.
class LogWriter {
public:
    /// Called on the writer's thread; it may say().
    using Tell = std::function<void(const LogTrouble&)>;

    /// One lane for each worker, and one for every other thread (see say()).
    LogWriter(LogSink sink, std::size_t workers, LogPace pace = {});
    LogWriter(int descriptor, std::size_t workers, LogPace pace = {});
    /// Writes out what is there, but gives up on a descriptor that takes nothing for a second.
    ~LogWriter();
    LogWriter(const LogWriter&) = delete;
    LogWriter& operator=(const LogWriter&) = delete;

    [[nodiscard]] LogLane& lane(std::size_t worker) noexcept { return *lanes_[worker]; }

    /// A line from any thread, without its end: security events, start and stop. Takes a mutex.
    void say(std::string_view line) noexcept;

    /// A line that could not even be said.
    void lose_line() noexcept { unsaid_.fetch_add(1, std::memory_order_relaxed); }

    /// Between two lines, the file is opened anew: somebody has renamed it.
    void reopen() noexcept;

    /// Who hears of trouble; replaces the one before.
    void on_trouble(Tell tell);

    /// Lines that say() found no room for, and those that the sink did not take.
    [[nodiscard]] std::uint64_t dropped() const noexcept
    {
        return unsaid_.load(std::memory_order_relaxed) + unwritten_.load(std::memory_order_relaxed);
    }

private:
    friend class LogLane;

    void wake() noexcept;
    void run() noexcept;
    void wait_for_lines() noexcept;
    void gather_more() noexcept;
    [[nodiscard]] bool has_lines() const noexcept;
    [[nodiscard]] bool write_out() noexcept;
    [[nodiscard]] std::size_t write_piece(std::span<const char> bytes) noexcept;
    [[nodiscard]] std::size_t skip_line(std::span<const char> bytes) noexcept;
    [[nodiscard]] std::size_t lose(std::span<const char> bytes, int error) noexcept;
    void reopen_now() noexcept;
    [[nodiscard]] std::uint64_t lost() const noexcept;
    void tell_of_losses() noexcept;
    void tell(LogTrouble::Kind kind, std::string_view reason, std::uint64_t lines) noexcept;

    const std::chrono::milliseconds gathering_;
    LogSink sink_;             // the writer's thread only, as what follows up to the lanes
    bool inside_line_ = false; // the last byte written was not the end of one
    bool skips_ = false;       // the rest of a line whose beginning was lost
    bool line_is_cut_ = false; // the beginning of a lost line stands there and has to be ended
    bool unwritable_ = false;
    std::uint64_t told_lost_ = 0;
    std::chrono::steady_clock::time_point next_telling_{};

    std::vector<std::unique_ptr<LogLane>> lanes_; // the last one is for say()
    std::mutex saying_;
    std::string said_; // guarded by saying_
    std::atomic<std::uint64_t> unsaid_{0};
    std::atomic<std::uint64_t> unwritten_{0};
    std::mutex telling_;
    Tell tell_; // guarded by telling_
    std::mutex sleep_;
    std::condition_variable woken_;
    std::atomic<bool> asleep_{false};
    std::atomic<bool> stopping_{false};
    std::atomic<bool> reopens_{false};
    std::thread thread_; // last: it uses everything above
};

} // namespace gatehouse::gateway
