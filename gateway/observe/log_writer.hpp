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

    /// The readable bytes, in at most two pieces, and giving them back. The writer's thread only.
    struct Pieces {
        std::span<const char> first;
        std::span<const char> second;
    };

    [[nodiscard]] Pieces readable() const noexcept;
    void release(std::size_t bytes) noexcept;

private:
    LogWriter& writer_;
    std::vector<char> ring_;
    alignas(64) std::atomic<std::uint64_t> pushed_{0};   // bytes ever; changed by the pusher
    alignas(64) std::atomic<std::uint64_t> released_{0}; // bytes ever; changed by the writer
};

/// The one thread that writes log lines to a descriptor (standard output). A reader that does not
/// read fills the rings and never holds up a worker.
class LogWriter {
public:
    /// One lane for each worker, and one for every other thread (see say()).
    LogWriter(int descriptor, std::size_t workers);
    /// Writes out what is there, but gives up on a descriptor that takes nothing for a second.
    ~LogWriter();
    LogWriter(const LogWriter&) = delete;
    LogWriter& operator=(const LogWriter&) = delete;

    [[nodiscard]] LogLane& lane(std::size_t worker) noexcept { return *lanes_[worker]; }

    /// A line from any thread: security events, start and stop. Takes a mutex.
    void say(std::string_view line) noexcept;

    [[nodiscard]] std::uint64_t dropped_by_say() const noexcept;

private:
    friend class LogLane;

    void wake() noexcept;
    void run() noexcept;
    [[nodiscard]] bool write_out() noexcept;
    [[nodiscard]] bool write_all(std::span<const char> bytes) noexcept;

    int descriptor_;
    std::size_t piece_bytes_;
    std::vector<std::unique_ptr<LogLane>> lanes_;
    std::mutex shared_lane_;
    std::atomic<std::uint64_t> dropped_by_say_{0};
    std::mutex sleep_;
    std::condition_variable woken_;
    std::atomic<bool> asleep_{false};
    bool stopping_ = false;
    std::jthread thread_;
};

} // namespace gatehouse::gateway
