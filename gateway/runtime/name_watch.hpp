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

/// Looks up the names of endpoints, beside the requests and for all workers, on threads of its own:
/// one for each name as far as `most_threads` goes, so that one that hangs holds up no other. A
/// look-up that fails changes nothing.
class NameWatch {
public:
    static constexpr std::size_t most_threads = 8;

    struct Rooms {
        /// DNS, or the server of the name. Blocks.
        std::function<Result<DnsAnswer, DnsFailure>(const WatchedName&)> ask;
        /// All that the system knows. Blocks.
        std::function<Result<DnsAnswer, DnsFailure>(const WatchedName&)> ask_system;
        /// Hears of each new book, on a thread of the watch.
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
    /// Ends the threads, when the questions that are under way have ended.
    void stop() noexcept;

private:
    using Clock = std::chrono::steady_clock;

    struct Watched {
        WatchedName name;
        Clock::time_point due{}; // at once
        bool failed = false;
        bool is_asked = false;  // by a thread, just now
        bool is_of_dns = false; // its last answer came from there
    };

    void run();
    [[nodiscard]] std::optional<std::string> next_due(std::unique_lock<std::mutex>& lock);
    void look_up(const std::string& key, std::unique_lock<std::mutex>& lock);
    [[nodiscard]] std::optional<Result<DnsAnswer, DnsFailure>>
    asked_elsewhere(const WatchedName& name, DnsFailure failure, bool is_of_dns) const;
    void hand_out();

    const Rooms rooms_;
    std::mutex handing_out_;
    std::mutex mutex_;
    std::condition_variable changed_;
    // Guarded by mutex_:
    std::map<std::string, Watched> names_;
    NameBook book_;
    bool stopped_ = false;
    std::vector<std::thread> threads_; // of use() and stop() alone
};

/// What a gateway's watch works with: it asks as the settings of a name say; each worker hears of a
/// new book, and the log of failures.
[[nodiscard]] NameWatch::Rooms rooms_for_names(const std::vector<std::unique_ptr<Worker>>& workers,
                                               LogRooms& logs);

} // namespace gatehouse::gateway
