#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
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

private:
    LogWriter& writer_;
    const std::size_t capacity_;
    const std::unique_ptr<char[]> ring_;                 // touched only as far as lines reach
    alignas(64) std::atomic<std::uint64_t> pushed_{0};   // bytes ever; changed by the pusher
    alignas(64) std::atomic<std::uint64_t> released_{0}; // bytes ever; changed by the writer
};

/// The one thread that writes log lines to a descriptor (standard output). A reader that does not
/// read fills the rings and never holds up a worker.
class LogWriter {
public:
    static constexpr std::size_t default_lane_bytes = 256 * 1024; // a thousand lines

    /// One lane for each worker, and one for every other thread (see say()).
    LogWriter(int descriptor, std::size_t workers, std::size_t lane_bytes = default_lane_bytes);
    /// Writes out what is there, but gives up on a descriptor that takes nothing for a second.
    ~LogWriter();
    LogWriter(const LogWriter&) = delete;
    LogWriter& operator=(const LogWriter&) = delete;

    [[nodiscard]] LogLane& lane(std::size_t worker) noexcept { return *lanes_[worker]; }

    /// A line from any thread, without its end: security events, start and stop. Takes a mutex.
    void say(std::string_view line) noexcept;

    /// Lines that say() found no room for.
    [[nodiscard]] std::uint64_t dropped() const noexcept
    {
        return dropped_.load(std::memory_order_relaxed);
    }

private:
    friend class LogLane;

    void wake() noexcept;
    void run() noexcept;
    [[nodiscard]] bool write_out() noexcept;
    [[nodiscard]] std::size_t write_some(std::span<const char> bytes) noexcept;
    void wait_for_lines() noexcept;
    void gather_more() noexcept;
    [[nodiscard]] bool has_lines() const noexcept;

    const int descriptor_;
    const std::size_t piece_bytes_;
    std::vector<std::unique_ptr<LogLane>> lanes_; // the last one is for say()
    std::mutex saying_;
    std::atomic<std::uint64_t> dropped_{0};
    std::mutex sleep_;
    std::condition_variable woken_;
    std::atomic<bool> asleep_{false};
    std::atomic<bool> stopping_{false};
    std::thread thread_; // last: it uses everything above
};

} // namespace gatehouse::gateway
