#pragma once

#include "gateway/net/dns.hpp"
#include "gateway/runtime/log_rooms.hpp"
#include "gateway/runtime/worker.hpp"
#include "gateway/upstream/name_book.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace gatehouse::gateway {

/// When to ask again for a name that was answered: when its TTL ends, and `every` at the latest.
/// Never before a second has passed, whatever a server says.
[[nodiscard]] std::chrono::milliseconds pause_after(const DnsAnswer& answer,
                                                    std::chrono::milliseconds every) noexcept;

/// When to ask again for one that was not.
[[nodiscard]] std::chrono::milliseconds
pause_after_failure(std::chrono::milliseconds every) noexcept;

/// Looks up the names of endpoints, beside the requests and for all workers, on a thread of its
/// own that is there once there is a name. A look-up that fails changes nothing.
class NameWatch {
public:
    struct Rooms {
        /// Blocks.
        std::function<Result<DnsAnswer, DnsFailure>(const WatchedName&)> ask;
        /// Hears of each new book, on the watch's thread.
        std::function<void(const std::shared_ptr<const NameBook>&)> on_change;
        /// Hears of a name that cannot be looked up, once until it can be again, and then.
        std::function<void(const WatchedName&, std::optional<DnsFailure>)> tell;
    };

    explicit NameWatch(Rooms rooms);
    NameWatch(const NameWatch&) = delete;
    NameWatch& operator=(const NameWatch&) = delete;
    ~NameWatch();

    /// These from now on. From any thread.
    void use(const std::map<std::string, WatchedName>& names);
    /// Ends the thread, when the question that is under way has ended.
    void stop() noexcept;

private:
    using Clock = std::chrono::steady_clock;

    struct Watched {
        WatchedName name;
        Clock::time_point due{}; // at once
        bool failed = false;
    };

    void run();
    [[nodiscard]] std::optional<std::string> next_due(std::unique_lock<std::mutex>& lock);
    void look_up(const std::string& key, std::unique_lock<std::mutex>& lock);

    const Rooms rooms_;
    std::mutex mutex_;
    std::condition_variable changed_;
    // Guarded by mutex_:
    std::map<std::string, Watched> names_;
    NameBook book_;
    bool stopped_ = false;
    std::thread thread_;
};

/// What a gateway's watch works with: it asks as the settings of a name say, its server, or DNS and
/// then all else that the system knows; each worker hears of a new book, and the log of failures.
[[nodiscard]] NameWatch::Rooms rooms_for_names(const std::vector<std::unique_ptr<Worker>>& workers,
                                               LogRooms& logs);

} // namespace gatehouse::gateway
