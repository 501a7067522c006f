#pragma once

#include "gateway/net/file_descriptor.hpp"
#include "gateway/net/task.hpp"
#include "gateway/net/wakeable.hpp"

#include <boost/asio/detail/reactor.hpp>
#include <boost/asio/detail/reactor_op.hpp>

#include <cstdint>

namespace gatehouse::gateway {

/// A descriptor's registration with the event loop: edge-triggered, once, until it is closed, so
/// that waiting costs no system call of its own. Shared by its owner and the loop, which may hold a
/// wait that is complete and on its way; counted inside, without atomics.
class Watch {
    using Reactor = asio::detail::reactor;

    /// One direction, and the operation that waits for it: an operation that moves nothing and is
    /// complete as soon as the loop hears of the descriptor. An edge that comes while nobody waits
    /// is kept by the reactor and completes the next wait at once.
    struct Side final : asio::detail::reactor_op {
        Side(Watch& of, Reactor::op_types kind)
            : reactor_op({}, &Side::is_ready, &Side::complete),
              watch(of),
              type(kind)
        {
        }

        static status is_ready(reactor_op* op) noexcept
        {
            // Asked before the loop has heard anything the reactor only guesses.
            return static_cast<Side*>(op)->watch.just_begun_ ? not_done : done_and_exhausted;
        }

        static void complete(void* loop, asio::detail::operation* base,
                             const boost::system::error_code&, std::size_t);

        Watch& watch;
        const Reactor::op_types type;
        Wakeable* whom = nullptr;
        bool watched = false; // the loop will tell
        bool blocked = false; // the last attempt found nothing to do
        bool drained = false; // the last read left nothing, not even an end
    };

public:
    /// Not registered yet: the first wait does that, unless begin() has.
    Watch(asio::io_context& io, FileDescriptor fd);
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

    [[nodiscard]] int native() const noexcept { return fd_.get(); }

    /// Registers the descriptor; else the error number.
    [[nodiscard]] int begin() noexcept;

    /// The event loop could not take one more: waits are over at once, and mean nothing.
    [[nodiscard]] bool is_lost() const noexcept { return lost_; }

    /// Wakes `whom` once the loop hears of this side, which may be at once; asking again replaces
    /// who is woken.
    void wake_when_ready(Side& side, Wakeable& whom) noexcept;
    /// Nobody is woken any more.
    void forget_waiters() noexcept;

    /// Whether other descriptors of the same socket live on, here or in another process.
    enum class Copies { none, elsewhere };

    /// Closes the descriptor and gives the owner's share up.
    void abandon(Copies copies = Copies::none) noexcept;

    Side reading{*this, Reactor::read_op};
    Side writing{*this, Reactor::write_op};

private:
    ~Watch() = default;

    void retain() noexcept { ++references_; }

    void release() noexcept
    {
        if (--references_ == 0) delete this;
    }

    Reactor& reactor_;
    Reactor::per_descriptor_data registration_ = nullptr;
    FileDescriptor fd_;
    std::uint32_t references_ = 1;
    bool just_begun_ = false;
    bool lost_ = false;
};

} // namespace gatehouse::gateway
