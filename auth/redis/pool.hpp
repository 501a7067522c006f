#pragma once

#include "auth/redis/connection.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace gatehouse::auth::redis {

/// How many connections there may be, and how long a call may take from its beginning to its
/// answer.
struct PoolLimits {
    std::size_t connections = 16;
    std::chrono::milliseconds patience{700};
    /// To connect and be let in. No caller waits for that; the pool's end does.
    std::chrono::milliseconds connect{2000};
    ReplyLimits reply{};
};

/// Connections for whoever asks, opened as they are needed, up to a limit, by a thread of the pool.
/// Where the server is gone, frozen, loading or a replica, calls are refused at once and say why,
/// and the thread tries until somebody fit is there, with growing pauses.
class Pool {
public:
    using Steady = std::chrono::steady_clock;

    /// Whether commands may be sent again when nobody knows if they were done.
    enum class Again : std::uint8_t { never, harmless };

    explicit Pool(Place place, PoolLimits limits = {});
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;
    ~Pool();

    /// Waits until the first attempt to connect is over. What went wrong, if anything did.
    [[nodiscard]] std::optional<Failure> first_failure();

    /// As Connection::ask, on any connection. Safe from any thread.
    [[nodiscard]] Result<std::vector<Reply>, Failure> ask(const Commands& commands, Again again);
    /// As Connection::ask_one.
    [[nodiscard]] Result<Reply, Failure> ask_one(const Commands& command, Again again);

    /// Whether nobody has answered since the last sign of trouble.
    [[nodiscard]] bool is_down();

private:
    using Lease = std::unique_ptr<Connection>;

    /// What a call showed about the server behind all connections.
    enum class Suspicion : std::uint8_t { none, moved, frozen };

    [[nodiscard]] Result<Lease, Failure> take(Deadline deadline);
    void give_back(Lease connection, Suspicion suspicion);
    void serve();
    [[nodiscard]] bool is_wanted() const;
    void open_one(std::unique_lock<std::mutex>& lock);
    [[nodiscard]] Suspicion suspicion_after(const Result<std::vector<Reply>, Failure>& replies,
                                            Steady::time_point asked_at) const;

    const Place place_;
    const PoolLimits limits_;

    std::mutex mutex_;
    std::condition_variable changed_; // for callers: a connection, or none to be had
    std::condition_variable wanted_;  // for the thread
    std::vector<Lease> idle_;
    std::size_t open_ = 0;       // idle and on loan
    std::size_t waiting_ = 0;    // callers
    std::uint32_t failures_ = 0; // attempts in a row that failed
    bool down_ = false;
    bool attempted_ = false;
    std::optional<Failure> failure_; // of the last attempt
    bool stopping_ = false;
    std::thread thread_; // last: it uses all of the above
};

} // namespace gatehouse::auth::redis
