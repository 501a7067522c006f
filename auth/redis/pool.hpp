#pragma once

#include "auth/connections/shared_connections.hpp"
#include "auth/redis/connection.hpp"
#include "auth/store/store_meter.hpp"

#include <functional>

namespace gatehouse::auth::redis {

/// How many connections there may be, and how long a call may take from its beginning to its
/// answer.
struct PoolLimits {
    std::size_t connections = 16;
    std::chrono::milliseconds patience{700};
    /// To connect and be let in. No caller waits for that; the pool's end does.
    std::chrono::milliseconds connect{2000};
    ReplyLimits reply{};
    StoreMeter* meter = nullptr; // counts the calls; null: nobody does
};

/// Shared connections, and what is asked on them. Where the server is gone, frozen, loading, a
/// replica or otherwise unfit, calls are refused at once and say why.
class Pool {
public:
    using Steady = std::chrono::steady_clock;

    /// Whether commands may be sent again when nobody knows if they were done.
    enum class Again : std::uint8_t { never, harmless };

    /// Says whether a new connection leads to a server that will do; the deadline is for that.
    using Prepare = std::function<Result<void, Failure>(Connection&, Deadline)>;
    /// Told why there is no connection and why calls fail, on any thread.
    using Say = std::function<void(const Failure&)>;

    explicit Pool(Place place, PoolLimits limits = {}, Prepare prepare = {}, Say on_failure = {});
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    /// Waits until the first attempt to connect is over. What went wrong, if anything did.
    [[nodiscard]] std::optional<Failure> first_failure() { return connections_.first_failure(); }

    /// As Connection::ask, on any connection. Safe from any thread.
    [[nodiscard]] Result<std::vector<Reply>, Failure> ask(const Commands& commands, Again again);
    /// As Connection::ask_one.
    [[nodiscard]] Result<Reply, Failure> ask_one(const Commands& command, Again again);

    /// Whether nobody has answered since the last sign of trouble.
    [[nodiscard]] bool is_down() { return connections_.is_down(); }

    [[nodiscard]] const Place& place() const noexcept { return place_; }

private:
    using Connections = SharedConnections<Connection, Failure>;
    using Replies = Result<std::vector<Reply>, Failure>;

    /// Why the server behind all connections is not to be asked any more, if a call has shown that.
    [[nodiscard]] std::optional<Failure> suspicion_after(const Replies& replies,
                                                         Steady::time_point asked_at) const;
    [[nodiscard]] std::unique_ptr<Connection> connect(std::optional<Failure>& failure);
    [[nodiscard]] Replies try_to_ask(const Commands& commands, Again again);
    [[nodiscard]] Failure told(Failure failure);

    const Place place_;
    const PoolLimits limits_;
    const Prepare prepare_;
    const Say on_failure_;
    Connections connections_; // last: its thread uses all of the above
};

} // namespace gatehouse::auth::redis
