#include "gateway/net/watch.hpp"

#include <boost/version.hpp>

#include <cerrno>
#include <new>
#include <utility>

namespace gatehouse::gateway {

// Asio's public async_wait arms the descriptor anew for each wait, one system call each time. What
// stands below it does not; it is not documented, so it was read, and is tied to that version.
static_assert(BOOST_VERSION / 100 == 1081, "read epoll_reactor::start_op again");

Watch::Watch(asio::io_context& io, FileDescriptor fd)
    : reactor_(asio::use_service<Reactor>(io)),
      fd_(std::move(fd))
{
    reactor_.init_task();
}

int Watch::begin() noexcept
{
    try {
        const int error = reactor_.register_descriptor(native(), registration_);
        if (error != 0) reactor_.cleanup_descriptor_data(registration_);
        return error;
    } catch (const std::bad_alloc&) {
        return ENOMEM;
    }
}

void Watch::wake_when_ready(Side& side, Wakeable& whom) noexcept
{
    side.whom = &whom;
    if (std::exchange(side.watched, true)) return;
    retain();
    side.ec_ = {};
    const bool known_to_be_there = &side == &reading && !side.blocked && !side.drained;
    just_begun_ = !known_to_be_there && registration_ == nullptr;
    if (just_begun_) lost_ = begin() != 0;
    if (known_to_be_there || lost_) {
        reactor_.post_immediate_completion(&side, false);
    } else {
        reactor_.start_op(side.type, native(), registration_, &side, false, true);
    }
    just_begun_ = false;
}

void Watch::Side::complete(void* loop, asio::detail::operation* base,
                           const boost::system::error_code&, std::size_t)
{
    auto& side = *static_cast<Side*>(base);
    side.watched = false;
    side.blocked = side.drained = false;
    auto* const whom = std::exchange(side.whom, nullptr);
    if (loop != nullptr && whom != nullptr) whom->wake(); // null: the loop is being destroyed
    side.watch.release();
}

void Watch::forget_waiters() noexcept
{
    reading.whom = nullptr;
    writing.whom = nullptr;
}

void Watch::abandon(Copies copies) noexcept
{
    forget_waiters();
    // The kernel watches the socket and not the descriptor. It stops by itself with the last copy;
    // until then it would tell of a registration that is long gone.
    reactor_.deregister_descriptor(native(), registration_, copies == Copies::none);
    fd_.reset();
    reactor_.cleanup_descriptor_data(registration_);
    release();
}

} // namespace gatehouse::gateway
