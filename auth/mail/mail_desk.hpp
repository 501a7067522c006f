#pragma once

#include "auth/audit/security_event.hpp"
#include "auth/basics/clock.hpp"
#include "auth/mail/mail.hpp"
#include "auth/store/store.hpp"
#include "auth/throttle/login_throttle.hpp"
#include "config/settings/mail.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

namespace gatehouse::auth {

/// A mail that somebody's request leads to.
struct MailWish {
    MailKind kind{};
    std::string user_id{}; // empty: whoever has `name`
    std::string name{};    // folded, as somebody typed it
    std::string address{}; // where it goes; empty: to the address that the user has
    std::string asker{};   // whose address asked, and with which request
    std::string request_id{};
};

/// Where requests leave what is to be mailed. Whoever answers a request waits for nothing here, so
/// that the answer takes as long whether or not somebody has the address. What was left is looked
/// up and queued in the store a moment later, on a thread that this class does not have. Safe from
/// any thread.
class MailDesk {
public:
    /// All of them outlive the desk.
    struct Rooms {
        Store& store;
        LoginThrottle& throttle;
        const Clock& clock;
        SecurityLog& log;
    };

    static constexpr std::size_t most_wishes = 4096; // some 200 bytes each

    explicit MailDesk(Rooms rooms) : rooms_(rooms) {}

    /// false: too many wait, and this one is not mailed.
    bool leave(MailWish wish);

    enum class Work : std::uint8_t {
        done,
        nothing_left, // within the time
        store_away    // what was left is still there
    };

    /// Queues the mail of one wish, waiting for one for so long, or until stop().
    [[nodiscard]] Work work(const config::MailSettings& settings, std::chrono::milliseconds wait);

    /// Nobody waits for wishes from now on.
    void stop();

    /// What became of wishes that no mail came of.
    struct Counts {
        std::uint64_t dropped = 0;   // there was no room here
        std::uint64_t held_back = 0; // the account's limit, one that waits already, a full queue
    };

    [[nodiscard]] Counts counts() const noexcept { return {dropped_, held_back_}; }

private:
    [[nodiscard]] std::optional<MailWish> next(std::chrono::milliseconds wait);
    /// false: the store did not answer.
    [[nodiscard]] bool queue(const MailWish& wish, const config::MailSettings& settings);
    [[nodiscard]] Result<std::optional<User>, StoreError> find(const MailWish& wish);
    void note(const MailWish& wish, const User& user) const;

    Rooms rooms_;
    std::mutex mutex_;
    std::condition_variable left_;
    std::deque<MailWish> wishes_; // guarded by mutex_
    bool stopped_ = false;        // guarded by mutex_
    std::atomic<std::uint64_t> dropped_{0};
    std::atomic<std::uint64_t> held_back_{0};
};

} // namespace gatehouse::auth
