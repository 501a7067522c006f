#include "gateway/net/socket.hpp"

#include <boost/asio/detail/reactor.hpp>
#include <boost/asio/detail/reactor_op.hpp>
#include <boost/version.hpp>

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace gatehouse::gateway {

// Asio's public async_wait arms the descriptor anew for each wait, one system call each time. What
// stands below it does not; it is not documented, so it was read, and is tied to that version.
static_assert(BOOST_VERSION / 100 == 1081, "read epoll_reactor::start_op again");

/// The descriptor's registration with the event loop: edge-triggered, once, until it is closed. It
/// outlives its Socket while a wait that the loop has already completed is on its way to us.
struct Socket::Watch {
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

        static status is_ready(reactor_op*) noexcept { return done_and_exhausted; }

        static void complete(void* loop, asio::detail::operation* base,
                             const boost::system::error_code&, std::size_t);

        Watch& watch;
        const Reactor::op_types type;
        Wakeable* whom = nullptr;
        bool watched = false; // the loop will tell
        bool blocked = false; // the last attempt found nothing to do
        bool drained = false; // the last read left nothing, not even an end
    };

    Watch(asio::io_context& io, int descriptor);

    ~Watch() { close(); }

    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

    void wait(Side& side) noexcept;
    void close() noexcept;

    void retain() noexcept { ++references; }

    void release() noexcept
    {
        if (--references == 0) delete this;
    }

    Reactor& reactor;
    Reactor::per_descriptor_data registration = nullptr;
    int fd;
    Side reading{*this, Reactor::read_op};
    Side writing{*this, Reactor::write_op};
    std::uint32_t references = 1;
};

Socket::Watch::Watch(asio::io_context& io, int descriptor)
    : reactor(asio::use_service<Reactor>(io)),
      fd(descriptor)
{
    reactor.init_task();
    if (const int error = reactor.register_descriptor(fd, registration); error != 0) {
        reactor.cleanup_descriptor_data(registration);
        fd = -1; // still the caller's
        throw std::system_error(error, std::system_category());
    }
    reading.blocked = true; // a new connection has nothing to read yet; the loop looks anyway
}

void Socket::Watch::wait(Side& side) noexcept
{
    side.watched = true;
    retain();
    side.ec_ = {};
    const bool known_to_be_there = &side == &reading && !side.blocked && !side.drained;
    if (known_to_be_there) {
        reactor.post_immediate_completion(&side, false);
    } else {
        reactor.start_op(side.type, fd, registration, &side, false, true);
    }
}

void Socket::Watch::Side::complete(void* loop, asio::detail::operation* base,
                                   const boost::system::error_code&, std::size_t)
{
    auto& side = *static_cast<Side*>(base);
    side.watched = false;
    side.blocked = side.drained = false;
    auto* const whom = std::exchange(side.whom, nullptr);
    if (loop != nullptr && whom != nullptr) whom->wake(); // null: the loop is being destroyed
    side.watch.release();
}

void Socket::Watch::close() noexcept
{
    if (fd < 0) return;
    reactor.deregister_descriptor(fd, registration, true);
    ::close(std::exchange(fd, -1));
    reactor.cleanup_descriptor_data(registration);
}

namespace {

/// Has the kernel say with each read how much it left. An accepted socket has it from its listener.
void tell_what_is_left(int fd) noexcept
{
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_INQ, &on, sizeof on);
}

/// The read that filled `message` left nothing behind: no byte, and no end either, for the kernel
/// counts that as one. Unknown (not TCP) is false.
bool left_nothing(msghdr& message) noexcept
{
    for (auto* told = CMSG_FIRSTHDR(&message); told != nullptr;
         told = CMSG_NXTHDR(&message, told)) {
        if (told->cmsg_level != IPPROTO_TCP || told->cmsg_type != TCP_CM_INQ) continue;
        int left = 0;
        std::memcpy(&left, CMSG_DATA(told), sizeof left);
        return left == 0;
    }
    return false;
}

} // namespace

Socket::Socket(asio::io_context& io, FileDescriptor fd) : watch_(new Watch(io, fd.get()))
{
    tell_what_is_left(fd.release()); // only now is it the watch's to close
}

Socket::Socket(Socket&& other) noexcept : watch_(std::exchange(other.watch_, nullptr)) {}

Socket& Socket::operator=(Socket&& other) noexcept
{
    if (this != &other) {
        close();
        watch_ = std::exchange(other.watch_, nullptr);
    }
    return *this;
}

Socket::~Socket()
{
    close();
}

int Socket::native() const noexcept
{
    return watch_ == nullptr ? -1 : watch_->fd;
}

namespace {

Transfer outcome(ssize_t result) noexcept
{
    if (result > 0) return {Transfer::State::moved, static_cast<std::size_t>(result)};
    if (result == 0) return {Transfer::State::ended, 0};
    const bool later = errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
    return {later ? Transfer::State::would_block : Transfer::State::failed, 0};
}

} // namespace

Transfer Socket::read(std::span<char> into) noexcept
{
    if (watch_ == nullptr) return {Transfer::State::failed, 0};
    if (watch_->reading.blocked) return {};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control;
    iovec piece{into.data(), into.size()};
    msghdr message{};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const auto got = outcome(::recvmsg(native(), &message, 0));
    watch_->reading.blocked = got.state == Transfer::State::would_block;
    watch_->reading.drained = got.state == Transfer::State::moved && left_nothing(message);
    return got;
}

bool Socket::may_have_data() const noexcept
{
    return watch_ != nullptr && !watch_->reading.blocked && !watch_->reading.drained;
}

void Socket::found_nothing() noexcept
{
    if (watch_ != nullptr) watch_->reading.blocked = true;
}

Transfer Socket::discard(std::size_t most) noexcept
{
    if (watch_ == nullptr) return {Transfer::State::failed, 0};
    if (watch_->reading.blocked) return {};
    // Linux drops the bytes of a stream without copying them.
    const auto got = outcome(::recv(native(), nullptr, most, MSG_TRUNC));
    watch_->reading.blocked = got.state == Transfer::State::would_block;
    watch_->reading.drained = false;
    return got;
}

Transfer Socket::write(std::span<const iovec> pieces) noexcept
{
    if (watch_ == nullptr) return {Transfer::State::failed, 0};
    if (watch_->writing.blocked) return {};
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(pieces.data()); // the kernel only reads them
    message.msg_iovlen = pieces.size();
    const auto sent = outcome(::sendmsg(native(), &message, MSG_NOSIGNAL));
    watch_->writing.blocked = sent.state == Transfer::State::would_block;
    return sent;
}

void Socket::wake_when_readable(Wakeable& whom) noexcept
{
    watch_->reading.whom = &whom;
    if (!watch_->reading.watched) watch_->wait(watch_->reading);
}

void Socket::wake_when_writable(Wakeable& whom) noexcept
{
    watch_->writing.whom = &whom;
    if (!watch_->writing.watched) watch_->wait(watch_->writing);
}

void Socket::forget_waiters() noexcept
{
    if (watch_ == nullptr) return;
    watch_->reading.whom = nullptr;
    watch_->writing.whom = nullptr;
}

bool Socket::peer_has_left() const noexcept
{
    pollfd asked{native(), POLLRDHUP, 0};
    return ::poll(&asked, 1, 0) != 0;
}

bool Socket::is_quiet() const noexcept
{
    pollfd asked{native(), POLLIN | POLLRDHUP, 0};
    return ::poll(&asked, 1, 0) == 0;
}

void Socket::finish_sending() noexcept
{
    if (watch_ != nullptr) ::shutdown(native(), SHUT_WR);
}

void Socket::close() noexcept
{
    if (watch_ == nullptr) return;
    forget_waiters();
    watch_->close();
    std::exchange(watch_, nullptr)->release();
}

void Socket::abort() noexcept
{
    if (watch_ == nullptr) return;
    const linger at_once{1, 0};
    ::setsockopt(native(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close();
}

void send_without_delay(int fd) noexcept
{
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

} // namespace gatehouse::gateway
