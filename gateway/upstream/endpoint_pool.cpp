#include "gateway/upstream/endpoint_pool.hpp"

#include "config/basics/enforced.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::gateway {

UpstreamConnection::UpstreamConnection(Socket opened, EndpointPool& pool)
    : socket(std::move(opened)),
      pool_(pool),
      moves_(pool.moves_)
{
    pool_.counters_.upstream_connections_open.add();
    pool_.counted().connections.add();
    pool_.state().load.connections.fetch_add(1, std::memory_order_relaxed);
    ++pool_.facts.connections;
}

UpstreamConnection::~UpstreamConnection()
{
    pool_.counters_.upstream_connections_open.subtract();
    pool_.counted().connections.subtract();
    pool_.state().load.connections.fetch_sub(1, std::memory_order_relaxed);
    --pool_.facts.connections;
}

/// What arrived by itself would be read as the next answer. A look at each connection would cost
/// every request a system call; so it is for those that the loop has heard of, of which this turn
/// has not come to speak yet, and for those whose last answer may not have been whole.
bool UpstreamConnection::is_doubtful() const noexcept
{
    if (enforced("upstream.heard_of") && socket.was_heard_of()) return true;
    return enforced("upstream.late_body") && had_no_body_;
}

void UpstreamConnection::wake() noexcept
{
    // What came before the connection was idle may wake it late; it is as good as it was.
    if (socket.is_quiet()) {
        socket.found_nothing();
        return socket.wake_when_readable(*this);
    }
    // Whatever else wakes it (an end, an error, bytes nobody asked for) ends it.  R15
    if (!enforced("upstream.idle_watch")) return;
    auto& pool = pool_; // this ends with the connection
    std::erase_if(pool.idle_, [this](const auto& idle) { return idle.get() == this; });
    pool.show_idle();
}

EndpointPool::EndpointPool(std::shared_ptr<EndpointState> state, Counters& counters,
                           TallyBook<EndpointCounters>::Held counted, boost::asio::io_context* loop)
    : state_(std::move(state)),
      counted_(std::move(counted)),
      counters_(counters)
{
    if (loop != nullptr) state_->places->join(*this, *loop);
}

EndpointPool::~EndpointPool()
{
    state_->places->leave(*this);
}

void EndpointPool::lead_to(std::vector<SocketAddress> addresses)
{
    const bool some_went = std::ranges::any_of(addresses_, [&](const auto& old) {
        return std::ranges::none_of(addresses,
                                    [&](const auto& now) { return now.is_host_of(old); });
    });
    if (some_went) {
        ++moves_;
        close_all();
    }
    addresses_ = std::move(addresses);
}

void EndpointPool::failed(RefusalCode code, auth::Millis at) noexcept
{
    if (code < RefusalCode::upstream_unreachable) return;
    facts.failed(code, at);
    counted().failed(code);
    (void)state_->failed(to_string(code), Timers::now());
}

bool EndpointPool::may_connect() const noexcept
{
    const auto connecting = state_->load.connecting.load(std::memory_order_relaxed);
    if (circuit_.pending != 0 && connecting >= circuit_.pending) return false;
    return !is_full();
}

bool EndpointPool::is_full() const noexcept
{
    if (circuit_.connections == 0) return false;
    const auto& load = state_->load;
    const auto connecting = load.connecting.load(std::memory_order_relaxed);
    return load.connections.load(std::memory_order_relaxed) + connecting >= circuit_.connections;
}

void EndpointPool::failed_with_5xx() noexcept
{
    (void)state_->failed("answered 5xx", Timers::now());
}

std::unique_ptr<UpstreamConnection> EndpointPool::take_idle() noexcept
{
    while (!idle_.empty()) {
        auto connection = std::move(idle_.back());
        idle_.pop_back();
        show_idle();
        if (connection->is_doubtful() && !connection->socket.is_quiet()) continue;
        connection->socket.forget_waiters();
        connection->reused_ = true;
        return connection;
    }
    return nullptr;
}

void EndpointPool::give_back(std::unique_ptr<UpstreamConnection> connection, std::size_t most_idle)
{
    if (idle_.size() >= most_idle || connection->moves_ != moves_) return;
    connection->idle_since_ = Timers::now();
    // The same wait later tells that the next answer has come: watching costs nothing extra.
    connection->socket.wake_when_readable(*connection);
    idle_.push_back(std::move(connection));
    show_idle();
}

bool EndpointPool::close_oldest() noexcept
{
    if (idle_.empty()) return false;
    idle_.erase(idle_.begin());
    show_idle();
    return true;
}

void EndpointPool::close_older_than(std::chrono::milliseconds age) noexcept
{
    const auto limit = Timers::now() - age;
    const auto young = std::find_if(idle_.begin(), idle_.end(), [limit](const auto& idle) {
        return idle->idle_since_ > limit;
    });
    idle_.erase(idle_.begin(), young);
    show_idle();
}

} // namespace gatehouse::gateway
