#include "gateway/net/socket.hpp"

#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

namespace gatehouse::gateway {

/// The descriptor's registration with the event loop. It outlives its Socket while a wait that the
/// loop has already completed is still on its way to us.
struct Socket::Watch {
    using Descriptor = asio::posix::basic_stream_descriptor<asio::io_context::executor_type>;

    struct Side {
        Wakeable* whom = nullptr;
        bool watched = false; // the loop will tell
        bool blocked = false; // the last attempt found nothing to do
    };

    Watch(asio::io_context& io, int fd) : descriptor(io, fd) {}

    Side& side(Way way) noexcept { return way == Way::read ? reading : writing; }

    void watch(Way way);

    friend void intrusive_ptr_add_ref(Watch* watch) noexcept { ++watch->references; }

    friend void intrusive_ptr_release(Watch* watch) noexcept
    {
        if (--watch->references == 0) delete watch;
    }

    Descriptor descriptor;
    Side reading{.blocked = true}; // a new connection has nothing to read yet
    Side writing;
    std::uint32_t references = 0;
};

void Socket::Watch::watch(Way way)
{
    side(way).watched = true;
    const auto what = way == Way::read ? Descriptor::wait_read : Descriptor::wait_write;
    // Asio arms the descriptor anew for each wait, so that a readiness that came before is
    // reported too: no event can be missed between an attempt and the wait.
    descriptor.async_wait(
        what, [self = boost::intrusive_ptr<Watch>(this), way](const boost::system::error_code&) {
            auto& here = self->side(way);
            here.watched = false;
            here.blocked = false;
            if (auto* whom = std::exchange(here.whom, nullptr)) whom->wake();
        });
}

Socket::Socket(asio::io_context& io, FileDescriptor fd) : watch_(new Watch(io, fd.get()))
{
    (void)fd.release(); // only now is it the watch's to close
    intrusive_ptr_add_ref(watch_);
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
    return watch_ == nullptr ? -1 : watch_->descriptor.native_handle();
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
    const auto got = outcome(::recv(native(), into.data(), into.size(), 0));
    // Less than asked for means that the socket is empty for now; the wait will tell about more.
    watch_->reading.blocked = got.state == Transfer::State::would_block ||
                              (got.state == Transfer::State::moved && got.bytes < into.size());
    return got;
}

bool Socket::may_have_data() const noexcept
{
    return watch_ != nullptr && !watch_->reading.blocked;
}

Transfer Socket::discard(std::size_t most) noexcept
{
    if (watch_ == nullptr) return {Transfer::State::failed, 0};
    if (watch_->reading.blocked) return {};
    // Linux drops the bytes of a stream without copying them.
    const auto got = outcome(::recv(native(), nullptr, most, MSG_TRUNC));
    watch_->reading.blocked = got.state == Transfer::State::would_block;
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

void Socket::wake_when(Way way, Wakeable& whom) noexcept
{
    auto& side = watch_->side(way);
    side.whom = &whom;
    if (!side.watched) watch_->watch(way);
}

void Socket::wake_when_readable(Wakeable& whom) noexcept
{
    wake_when(Way::read, whom);
}

void Socket::wake_when_writable(Wakeable& whom) noexcept
{
    wake_when(Way::write, whom);
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
    boost::system::error_code ignored; // there is nothing left to do about it
    watch_->descriptor.close(ignored);
    intrusive_ptr_release(std::exchange(watch_, nullptr));
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
