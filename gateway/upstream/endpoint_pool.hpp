#pragma once

#include "gateway/net/socket.hpp"
#include "gateway/net/timers.hpp"
#include "gateway/observe/counters.hpp"
#include "gateway/observe/traffic.hpp"
#include "gateway/upstream/endpoint_facts.hpp"
#include "gateway/upstream/endpoint_state.hpp"
#include "gateway/upstream/tls_sessions.hpp"

#include <boost/asio/io_context.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace gatehouse::gateway {

class EndpointPool;

/// One connection to an upstream, and while it is idle the watchman over it: an upstream that
/// closes it, or sends what nobody asked for, ends it at once (R15).
class UpstreamConnection final : private Wakeable {
public:
    UpstreamConnection(Socket opened, EndpointPool& pool);
    UpstreamConnection(const UpstreamConnection&) = delete;
    UpstreamConnection& operator=(const UpstreamConnection&) = delete;
    ~UpstreamConnection();

    Socket socket;

    /// It has served a request before, so it may have died since.
    [[nodiscard]] bool is_reused() const noexcept { return reused_; }

    [[nodiscard]] EndpointPool& pool() const noexcept { return pool_; }

    /// Its last answer had no body, and some send one all the same, a moment later. R15
    void had_no_body(bool none) noexcept { had_no_body_ = none; }

private:
    friend class EndpointPool;
    void wake() noexcept override;
    [[nodiscard]] bool is_doubtful() const noexcept;

    EndpointPool& pool_;
    TimerWheel::Time idle_since_{};
    std::uint32_t moves_; // of its endpoint, when it was opened
    bool reused_ = false;
    bool had_no_body_ = false;
};

/// The idle connections of one worker to one endpoint: last in, first out, so that those which are
/// not needed grow old and are closed.
class EndpointPool {
public:
    /// `loop`: of its worker. Null: nobody else can ask it for anything.
    EndpointPool(std::shared_ptr<EndpointState> state, Counters& counters,
                 TallyBook<EndpointCounters>::Held counted,
                 boost::asio::io_context* loop = nullptr);
    EndpointPool(const EndpointPool&) = delete;
    EndpointPool& operator=(const EndpointPool&) = delete;
    ~EndpointPool();

    [[nodiscard]] const EndpointTarget& target() const noexcept { return state_->target(); }

    /// What all workers know of it.
    [[nodiscard]] EndpointState& state() const noexcept { return *state_; }

    /// Where its name leads to; none: it is resolved at each connect.
    [[nodiscard]] std::span<const SocketAddress> addresses() const noexcept { return addresses_; }

    /// Its name leads there now. When it does not lead any more to where it did, connections that
    /// may be to there are closed as soon as they are idle.
    void lead_to(std::vector<SocketAddress> addresses);

    /// Whether it is one that requests are sent to.
    [[nodiscard]] bool is_fit() const noexcept { return state_->may_be_used(); }

    /// Whether it has fewer requests than it may have.
    [[nodiscard]] bool has_room() const noexcept
    {
        return circuit_.requests == 0 ||
               state_->load.requests.load(std::memory_order_relaxed) < circuit_.requests;
    }

    /// Whether requests may be sent there now.
    [[nodiscard]] bool is_available() const noexcept { return is_fit() && has_room(); }

    /// Whether one more connection may be made.
    [[nodiscard]] bool may_connect() const noexcept;

    /// Whether there are as many connections as there may be, of all workers.
    [[nodiscard]] bool is_full() const noexcept;

    /// A request could not be sent there, or got no answer. Codes that blame somebody else do not
    /// count.
    void failed(RefusalCode code, auth::Millis at) noexcept;

    /// A request was answered so.
    void answered(unsigned status) noexcept
    {
        counted_.counted->requests[status_class(status)].add();
        if (status >= 500 && fails_on_5xx_) return failed_with_5xx();
        state_->succeeded();
    }

    /// What the settings say of it from now on.
    void use(const config::UpstreamSettings& settings) noexcept
    {
        fails_on_5xx_ = settings.ejection.on_5xx;
        circuit_ = settings.circuit;
        show_idle();
    }

    /// When it joined, or came back: what slow start counts from.
    [[nodiscard]] TimerWheel::Time since() const noexcept { return since_; }

    /// It is back: its share grows anew.
    void grow_anew() noexcept { since_ = Timers::now(); }

    /// What metrics tell of it.
    [[nodiscard]] EndpointCounters& counted() const noexcept { return *counted_.counted; }

    /// What happens at this endpoint is written down here, by the worker alone.
    EndpointFacts facts;

    /// By which conversations over TLS go on from earlier ones.
    TlsSessions sessions;

    /// What was last said of why nobody there can be trusted; "" once somebody was.
    std::string said_of_tls;

    /// The connection used last, or null. Never one of which the event loop has heard that it
    /// ended, or that there is something to read; nor, behind an answer without a body, one that a
    /// look finds so.
    [[nodiscard]] std::unique_ptr<UpstreamConnection> take_idle() noexcept;

    /// Only a connection on which a whole answer was read and nothing behind it.
    void give_back(std::unique_ptr<UpstreamConnection> connection, std::size_t most_idle);

    /// Closes what has been idle for so long.
    void close_older_than(std::chrono::milliseconds age) noexcept;

    void close_all() noexcept
    {
        idle_.clear();
        show_idle();
    }

    /// Closes the one that has been idle the longest. False: there is none.
    bool close_oldest() noexcept;

    [[nodiscard]] std::size_t idle() const noexcept { return idle_.size(); }

    /// Whether it has idle connections while they are limited, as far as any thread can tell.
    [[nodiscard]] bool shows_idle() const noexcept
    {
        return shows_idle_.load(std::memory_order_relaxed);
    }

private:
    friend class UpstreamConnection;

    friend class InFlight;

    void failed_with_5xx() noexcept;

    void show_idle() noexcept
    {
        if (circuit_.connections == 0) return;
        shows_idle_.store(!idle_.empty(), std::memory_order_relaxed);
    }

    const std::shared_ptr<EndpointState> state_;
    const TallyBook<EndpointCounters>::Held counted_;
    config::CircuitSettings circuit_{};
    bool fails_on_5xx_ = false;
    Counters& counters_;
    TimerWheel::Time since_ = Timers::now();
    std::vector<SocketAddress> addresses_;
    std::uint32_t moves_ = 0; // how often its name ceased to lead somewhere
    std::vector<std::unique_ptr<UpstreamConnection>> idle_; // the oldest in front
    std::atomic<bool> shows_idle_{false};
};

/// A request at an endpoint, from the choice to the end of the answer: it is counted there.
class InFlight {
public:
    explicit InFlight(EndpointPool& pool) noexcept { enter(pool); }

    InFlight(const InFlight&) = delete;
    InFlight& operator=(const InFlight&) = delete;

    ~InFlight() { leave(); }

    [[nodiscard]] EndpointPool& pool() const noexcept { return *pool_; }

    /// It goes there instead.
    void move_to(EndpointPool& pool) noexcept
    {
        leave();
        enter(pool);
    }

    /// It is nowhere, until it goes somewhere else: its place is free.
    void leave() noexcept
    {
        if (pool_ == nullptr) return;
        --pool_->facts.in_flight;
        pool_->counted().in_flight.subtract();
        if (limited_) pool_->state().load.requests.fetch_sub(1, std::memory_order_relaxed);
        pool_ = nullptr;
    }

private:
    void enter(EndpointPool& pool) noexcept
    {
        pool_ = &pool;
        ++pool.facts.in_flight;
        pool.counted().in_flight.add();
        // The settings may be others when it leaves.
        limited_ = pool.circuit_.requests != 0;
        if (limited_) pool.state().load.requests.fetch_add(1, std::memory_order_relaxed);
    }

    EndpointPool* pool_ = nullptr;
    bool limited_ = false;
};

} // namespace gatehouse::gateway
