#include "gateway/net/watch.hpp"

#include <boost/asio/detail/op_queue.hpp>
#include <boost/version.hpp>

#include <sys/epoll.h>

#include <cerrno>
#include <utility>

namespace gatehouse::gateway {

// Asio's public async_wait arms the descriptor anew for each wait, one system call each time, and
// what its reactor keeps for each descriptor has a lock of its own and forgets what the kernel said
// of it. What stands below both is not documented, so it was read, and is tied to that version: an
// event's pointer is that of an operation, which the reactor gives the events as its result and
// queues, once; the scheduler runs it as it runs any other.
static_assert(BOOST_VERSION / 100 == 1081, "read epoll_reactor::run and scheduler again");

namespace {

using Reactor = asio::detail::epoll_reactor;

/// The descriptor that the reactor waits with. It has no name outside: only an explicit
/// instantiation may say it.
template <auto member>
struct Opened {
    friend int epoll_of(const Reactor& reactor) noexcept { return reactor.*member; }
};

int epoll_of(const Reactor& reactor) noexcept;

template struct Opened<&Reactor::epoll_fd_>;

/// Urgent data ends a read early, and so does nothing else that leaves bytes behind.
constexpr std::uint32_t more_than_data = EPOLLRDHUP | EPOLLHUP | EPOLLERR | EPOLLPRI;

} // namespace

Watch::Watch(asio::io_context& io, FileDescriptor fd)
    : Operation(&Watch::hear),
      reading(*this, EPOLLIN),
      writing(*this, EPOLLOUT),
      scheduler_(asio::use_service<Scheduler>(io)),
      epoll_(epoll_of(asio::use_service<Reactor>(io))),
      fd_(std::move(fd))
{
    scheduler_.init_task();
}

int Watch::control(int what, std::uint32_t events) noexcept
{
    epoll_event event{};
    event.events = events;
    event.data.ptr = static_cast<Operation*>(this);
    if (::epoll_ctl(epoll_, what, native(), &event) != 0) return errno;
    registered_ = events;
    return 0;
}

int Watch::begin() noexcept
{
    return control(EPOLL_CTL_ADD, EPOLLIN | EPOLLRDHUP | EPOLLPRI | EPOLLET);
}

/// Room to write is seldom waited for, and would be told of with everything else.
int Watch::register_for(const Side& side) noexcept
{
    if (registered_ == 0) {
        if (const int error = begin(); error != 0) return error;
    }
    const bool known = (registered_ & side.awaited) != 0;
    return known ? 0 : control(EPOLL_CTL_MOD, registered_ | side.awaited);
}

bool Watch::tells_all_by_size() const noexcept
{
    return (heard_ & more_than_data) == 0;
}

void Watch::wake_when_ready(Side& side, Wakeable& whom) noexcept
{
    side.whom = &whom;
    if (std::exchange(side.watched, true)) return;
    retain();
    const bool known_to_be_there = &side == &reading && !side.blocked && !side.drained;
    if (!known_to_be_there && register_for(side) != 0) lost_ = true;
    if (known_to_be_there || lost_ || std::exchange(side.edge, false)) {
        scheduler_.post_immediate_completion(&side, false);
    } else {
        side.open = true;
        scheduler_.work_started();
    }
}

/// The wait that is to be completed now: `first`, or that of this side. Another one is queued.
Watch::Side* Watch::note(Side& side, std::uint32_t events, Side* first) noexcept
{
    if ((events & (side.awaited | EPOLLERR | EPOLLHUP)) == 0) return first;
    if (!std::exchange(side.open, false)) {
        side.edge = true;
        return first;
    }
    if (first == nullptr) return &side;
    scheduler_.post_deferred_completion(&side);
    return first;
}

void Watch::hear(void* loop, Operation* base, const boost::system::error_code& none,
                 std::size_t events)
{
    auto& watch = *static_cast<Watch*>(base);
    // Closed on its way; or the loop is being destroyed, which asks of nobody what it waits for.
    const bool closed = !watch.fd_.is_open();
    Side* now = nullptr;
    if (!closed && loop != nullptr) {
        watch.heard_ = static_cast<std::uint32_t>(events);
        now = watch.note(watch.writing, watch.heard_, now);
        now = watch.note(watch.reading, watch.heard_, now);
    }
    if (now != nullptr) return Side::complete(loop, now, none, 0);
    // The scheduler counts each operation it runs as work that is over, and this was none.
    if (loop != nullptr) watch.scheduler_.compensating_work_started();
    if (closed) watch.release();
}

void Watch::Side::complete(void* loop, Operation* base, const boost::system::error_code&,
                           std::size_t)
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

/// What the reactor has queued stands in front of its own place in the queue, so it is never last.
bool Watch::is_on_its_way() noexcept
{
    return asio::detail::op_queue_access::next(static_cast<Operation*>(this)) != nullptr;
}

void Watch::abandon(Copies copies) noexcept
{
    forget_waiters();
    // The kernel watches the socket and not the descriptor. It stops by itself with the last copy;
    // until then it would tell of a registration that is long gone.
    if (registered_ != 0 && copies == Copies::elsewhere) (void)control(EPOLL_CTL_DEL, 0);
    fd_.reset();
    for (auto* side : {&writing, &reading}) {
        if (std::exchange(side->open, false)) scheduler_.post_deferred_completion(side);
    }
    if (!is_on_its_way()) release(); // else hear() does
}

} // namespace gatehouse::gateway
