#pragma once

#include "config/basics/result.hpp"
#include "gateway/net/file_descriptor.hpp"
#include "gateway/observe/event_log.hpp"
#include "gateway/runtime/worker.hpp"

#include <atomic>
#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace gatehouse::gateway {

/// In front of the answer to a hand-over: the descriptors travel with this text. HTTP lets any
/// number of such heads come before the one that counts.  RFC 9110, 15.2
inline constexpr std::string_view hand_over_interim = "HTTP/1.1 102 Processing\r\n\r\n";

/// What a successor says on the line that it was given, once it serves.
inline constexpr char hand_over_ready = 'r';

/// How this gateway gives its place to another process: it passes copies of its listening sockets,
/// goes on as if nothing had been, and leaves when the other one says that it serves. Where that
/// one ends without a word nothing has happened. Any thread may call it.
class HandOver {
public:
    struct Rooms {
        std::function<std::optional<std::vector<ListenerCopy>>()> listeners; // blocks
        std::function<void()> leave; // called once, on a thread of its own
        EventLog& log;
    };

    explicit HandOver(Rooms rooms);
    HandOver(const HandOver&) = delete;
    HandOver& operator=(const HandOver&) = delete;
    ~HandOver();

    /// Passes everything over this unix socket: first the line on which the other one answers, then
    /// the sockets. Returns how many sockets. Blocks, so never on a worker.
    /// Error: a sentence; somebody else is about to take over, or there are no descriptors left.
    [[nodiscard]] Result<std::size_t, std::string> give(int connection);

    /// Somebody has the sockets and has not said yet whether it serves.
    [[nodiscard]] bool is_waiting() const noexcept { return waiting_; }

private:
    void wait_for_word();

    Rooms rooms_;
    std::mutex mutex_;                 // one at a time
    FileDescriptor line_;              // the thread's while it runs
    std::atomic<bool> waiting_{false}; // for its word
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

} // namespace gatehouse::gateway
