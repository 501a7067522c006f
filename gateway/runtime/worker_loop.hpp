#pragma once

#include "gateway/limits/lag_watch.hpp"
#include "gateway/net/buffer.hpp"
#include "gateway/net/resolver.hpp"
#include "gateway/net/timers.hpp"
#include "gateway/net/turn.hpp"
#include "gateway/pipeline/serve.hpp"
#include "gateway/pipeline/serve_revalidations.hpp"
#include "gateway/runtime/worker.hpp"
#include "gateway/runtime/worker_connection.hpp"
#include "gateway/runtime/worker_listener.hpp"
#include "gateway/upstream/upstream_table.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/intrusive/list.hpp>

#include <list>
#include <memory>
#include <string>
#include <vector>

namespace gatehouse::gateway {

/// What lives on a worker's thread. Nobody else touches it while the thread runs.
class WorkerLoop final : private Wakeable {
public:
    explicit WorkerLoop(WorkerSetup setup);
    ~WorkerLoop();

    void run();
    void start_listening();
    void use(const std::shared_ptr<const Runtime>& runtime);
    void use(std::shared_ptr<const auth::KeyRing> keys);
    void use(std::shared_ptr<const auth::FetchedKeys> keys);
    void use(std::shared_ptr<const NameBook> names);
    /// One more address, and one less (Worker::open, Worker::close).
    void open(WorkerListener listener);
    void close(const std::string& address);
    /// See Worker::share_listeners.
    void share_listeners() noexcept;
    [[nodiscard]] std::vector<ListenerCopy> copy_listeners() const;
    void begin_drain();
    /// See Worker::leave.
    void leave();
    void stop();

    [[nodiscard]] asio::io_context& io() noexcept { return io_; }

    [[nodiscard]] Rooms& rooms() noexcept { return rooms_; }

    [[nodiscard]] Counters& counters() noexcept { return counters_; }

    [[nodiscard]] Generation& generation() noexcept { return *generations_.back(); }

    [[nodiscard]] EndpointBook endpoints() const { return upstreams_.facts(); }

    [[nodiscard]] bool cut_requests_off() const noexcept { return cut_off_; }

    void pin(Generation& generation) noexcept { ++generation.pins; }

    void unpin(Generation& generation) noexcept;

    /// A connection that the listener has accepted. forget() ends it.
    void adopt(FileDescriptor fd, const SocketAddress& peer, Entrance entrance);
    void forget(ClientConnection& connection) noexcept;

    [[nodiscard]] std::unique_ptr<Exchange> take_exchange();
    void give_back(std::unique_ptr<Exchange> exchange);

    /// So many connections wait with an exchange in hand that no more of them should: what they
    /// will give back finds just room enough.
    [[nodiscard]] bool is_crowded() const noexcept;

    /// Nobody is waited for any more.
    [[nodiscard]] bool is_stopped() const noexcept { return stage_ == Stage::stopped; }

    void begin_wait() noexcept { ++waiting_; }

    void end_wait() noexcept { --waiting_; }

private:
    enum class Stage { serving, announcing_drain, leaving, draining, stopped };

    void wake() noexcept override;
    void keep_house() noexcept;
    void watch_lag() noexcept;
    void look_at_lag() noexcept;
    [[nodiscard]] bool is_one_too_many(ClientConnection& connection);
    void forget_unused_endpoints() noexcept;
    void close_door(std::chrono::milliseconds time_left);
    [[nodiscard]] std::chrono::milliseconds last_part() const noexcept;
    void end_if_idle();

    struct House final : Wakeable {
        explicit House(WorkerLoop& owner) : loop(owner) {}

        void wake() noexcept override { loop.keep_house(); }

        WorkerLoop& loop;
    };

    struct LagLook final : Wakeable {
        explicit LagLook(WorkerLoop& owner) : loop(owner) {}

        void wake() noexcept override { loop.look_at_lag(); }

        WorkerLoop& loop;
    };

    std::size_t index_;
    SharedRooms& shared_;
    std::shared_ptr<const auth::KeyRing> keys_;
    std::shared_ptr<const auth::FetchedKeys> fetched_keys_ =
        std::make_shared<const auth::FetchedKeys>();
    Counters counters_;
    asio::io_context io_{1};
    asio::executor_work_guard<asio::io_context::executor_type> work_;
    Timers timers_;
    Turn turn_;
    Resolver resolver_;
    BufferPool blocks_;
    BufferPool large_blocks_;
    std::unique_ptr<char[]> desk_;
    IdSource ids_;
    HttpDate date_;
    UpstreamTable upstreams_;
    Rooms rooms_;
    Revalidations revalidations_;
    std::list<std::unique_ptr<Generation>> generations_; // the newest at the back
    bool endpoints_may_be_unused_ = false;
    std::vector<std::unique_ptr<Exchange>> exchanges_; // not in use
    std::size_t waiting_ = 0;                          // connections, with an exchange in hand
    boost::intrusive::list<ClientConnection> connections_;
    std::list<Listener> listeners_;
    Stage stage_ = Stage::serving;
    Deadline stage_limit_;
    House house_;
    Deadline next_housekeeping_;
    LagWatch lag_;
    LagLook lag_look_;
    Deadline next_lag_look_; // while there is a limit
    LagWatch::Time lag_look_due_{};
    bool cut_off_ = false;
};

} // namespace gatehouse::gateway
