#pragma once

#include "gateway/net/file_descriptor.hpp"
#include "gateway/net/task.hpp"
#include "gateway/net/wakeable.hpp"

#include <boost/asio/detail/reactor.hpp>
#include <boost/asio/detail/scheduler.hpp>

#include <cstdint>

namespace gatehouse::gateway {

/// A descriptor's registration with the event loop: edge-triggered, once, until it is closed, so
/// that waiting costs no system call of its own. Shared by its owner and the loop, which may hold a
/// wait that is complete and on its way; counted inside, without atomics.
///
/// It is an operation of the loop itself: what the loop hears of the descriptor arrives here as the
/// kernel said it, and with nothing in between.
class Watch final : private asio::detail::scheduler_operation {
    using Operation = asio::detail::scheduler_operation;
    using Scheduler = asio::detail::scheduler;

    /// One direction, and the wait for it: complete as soon as the loop hears of the descriptor. An
    /// edge that comes while nobody waits is kept, and completes the next wait at once.
    struct Side final : Operation {
        Side(Watch& of, std::uint32_t event) : Operation(&Side::complete), watch(of), awaited(event)
        {
        }

        static void complete(void* loop, Operation* base, const boost::system::error_code&,
                             std::size_t);

        Watch& watch;
        const std::uint32_t awaited; // of what epoll tells
        Wakeable* whom = nullptr;
        bool watched = false; // whoever waits will be told
        bool open = false;    // of those: no edge has completed the wait yet
        bool edge = false;    // there was one, and nobody waited
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

    /// Whether a read that got less than it had room for has left nothing at all behind. Not so
    /// where an end, an error or urgent data may have come with the bytes: what came before the
    /// loop last heard of the descriptor it was told of then, and what came since is an edge that
    /// is still to be heard. What is not registered yet is looked at when it is.
    [[nodiscard]] bool tells_all_by_size() const noexcept;

    /// A wait is over, or the loop has heard something that has not been told yet.
    [[nodiscard]] bool may_be_ready(const Side& side) noexcept
    {
        return !side.open || is_on_its_way();
    }

    /// Wakes `whom` once the loop hears of this side, which may be at once; asking again replaces
    /// who is woken.
    void wake_when_ready(Side& side, Wakeable& whom) noexcept;
    /// Nobody is woken any more.
    void forget_waiters() noexcept;

    /// Whether other descriptors of the same socket live on, here or in another process.
    enum class Copies { none, elsewhere };

    /// Closes the descriptor and gives the owner's share up.
    void abandon(Copies copies = Copies::none) noexcept;

    Side reading;
    Side writing;

private:
    ~Watch() = default;

    static void hear(void* loop, Operation* base, const boost::system::error_code&,
                     std::size_t events);
    [[nodiscard]] Side* note(Side& side, std::uint32_t events, Side* first) noexcept;
    [[nodiscard]] int control(int what, std::uint32_t events) noexcept;
    [[nodiscard]] int register_for(const Side& side) noexcept;
    [[nodiscard]] bool is_on_its_way() noexcept;

    void retain() noexcept { ++references_; }

    void release() noexcept
    {
        if (--references_ == 0) delete this;
    }

    Scheduler& scheduler_;
    const int epoll_;
    FileDescriptor fd_;
    std::uint32_t registered_ = 0; // for which events; 0: not yet
    std::uint32_t heard_ = 0;      // how it stood when the loop last heard of it
    std::uint32_t references_ = 1;
    bool lost_ = false;
};

} // namespace gatehouse::gateway
