#pragma once

#include "gateway/net/task.hpp"
#include "gateway/net/wakeable.hpp"

#include <boost/asio/detail/scheduler.hpp>
#include <boost/asio/detail/scheduler_task.hpp>
#include <boost/intrusive/list.hpp>

#include <chrono>
#include <cstddef>

namespace gatehouse::gateway {

/// A turn of a worker's event loop: all that was ready when it last looked. Whoever has something
/// to send lines up, and at the end of the turn all of it is sent, one message right behind the
/// other. That is cheaper twice over: the kernel's code for sending stays in the processor's
/// cache, and a receiver who was woken by the first message is still awake for the others.
///
/// It stands in the event loop where the reactor stood, which is asked behind all that was ready:
/// what the turn has gathered is sent right before, and no look of the loop is spent on it.
class Turn final : private asio::detail::scheduler_task {
    using Scheduler = asio::detail::scheduler;
    using Operations = asio::detail::op_queue<asio::detail::scheduler_operation>;

public:
    /// One message; it may go away at any time, and is not sent then.
    class Place : public boost::intrusive::list_base_hook<
                      boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
    protected:
        ~Place() = default;

    private:
        friend class Turn;
        /// Whether somebody is to be woken for what came of it.
        virtual bool send() noexcept = 0;

        Wakeable* whom_ = nullptr;
    };

    /// Nothing to send: whoever could go on at once but lets all that is ready have its turn
    /// first.
    class Pause final : public Place {
        bool send() noexcept override { return true; }
    };

    /// One for each loop, which outlives it.
    explicit Turn(asio::io_context& io);
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn();

    using Time = std::chrono::steady_clock::time_point;

    /// Whether what comes now comes so close behind another that more will be ready with it. For
    /// what is answered at once, and so is never under way together.
    [[nodiscard]] bool is_close_behind(Time now) noexcept;

    /// A longer message is better sent at once: while dozens of others are read it leaves the
    /// processor's near caches.
    static constexpr std::size_t longest_bytes = 4096;

    /// Has `place` sent when everything that is ready now has had its turn, then wakes `whom` if
    /// that is wanted.
    void send_at_end(Place& place, Wakeable& whom);

private:
    using Row = boost::intrusive::list<Place, boost::intrusive::constant_time_size<false>>;

    void run(long microseconds, Operations& found) override;
    void interrupt() override;
    void end() noexcept;

    Scheduler& scheduler_;
    asio::detail::scheduler_task* reactor_;
    Row row_;
    bool is_awaited_ = false; // somebody lines up for its end
    Time last_{};
};

} // namespace gatehouse::gateway
