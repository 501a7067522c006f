#include "gateway/net/socket.hpp"

#include "gateway/net/watch.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace gatehouse::gateway {

Socket::Socket(asio::io_context& io, FileDescriptor fd) : Socket(new Watch(io, std::move(fd)))
{
    // The destructor closes it from here on, also when this throws.
    if (const int error = watch_->begin(); error != 0) {
        throw std::system_error(error, std::system_category());
    }
    watch_->reading.blocked = true; // nothing to read yet; the loop looks anyway
}

Socket Socket::unwatched(asio::io_context& io, FileDescriptor fd)
{
    return Socket(new Watch(io, std::move(fd)));
}

bool Socket::is_usable() const noexcept
{
    return watch_ != nullptr && !watch_->is_lost();
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
    return watch_ == nullptr ? -1 : watch_->native();
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
    if (!is_usable()) return {Transfer::State::failed, 0};
    if (watch_->reading.blocked) return {};
    const auto got = outcome(::recv(native(), into.data(), into.size(), 0));
    watch_->reading.blocked = got.state == Transfer::State::would_block;
    watch_->reading.drained = got.state == Transfer::State::moved && got.bytes < into.size() &&
                              watch_->tells_all_by_size();
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

Transfer Socket::peek(std::span<char> into) noexcept
{
    if (!is_usable()) return {Transfer::State::failed, 0};
    if (watch_->reading.blocked) return {};
    const auto got = outcome(::recv(native(), into.data(), into.size(), MSG_PEEK));
    watch_->reading.blocked = got.state == Transfer::State::would_block;
    return got;
}

Transfer Socket::discard(std::size_t most) noexcept
{
    if (!is_usable()) return {Transfer::State::failed, 0};
    if (watch_->reading.blocked) return {};
    // Linux drops the bytes of a stream without copying them.
    const auto got = outcome(::recv(native(), nullptr, most, MSG_TRUNC));
    watch_->reading.blocked = got.state == Transfer::State::would_block;
    watch_->reading.drained = false;
    return got;
}

namespace {

/// Copying so little costs less than the kernel's way through an array of pieces.
constexpr std::size_t copied_bytes = 4096;

std::size_t total(std::span<const iovec> pieces) noexcept
{
    std::size_t bytes = 0;
    for (const auto& piece : pieces) bytes += piece.iov_len;
    return bytes;
}

ssize_t send_copied(int fd, std::span<const iovec> pieces, int flags) noexcept
{
    std::array<char, copied_bytes> all; // not cleared: only what is written is sent
    auto* end = all.data();
    for (const auto& piece : pieces) {
        std::memcpy(end, piece.iov_base, piece.iov_len);
        end += piece.iov_len;
    }
    return ::send(fd, all.data(), static_cast<std::size_t>(end - all.data()), flags);
}

ssize_t send_gathered(int fd, std::span<const iovec> pieces, int flags) noexcept
{
    if (pieces.size() == 1) return ::send(fd, pieces[0].iov_base, pieces[0].iov_len, flags);
    if (total(pieces) <= copied_bytes) return send_copied(fd, pieces, flags);
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(pieces.data()); // the kernel only reads them
    message.msg_iovlen = pieces.size();
    return ::sendmsg(fd, &message, flags);
}

} // namespace

Transfer Socket::write(std::span<const iovec> pieces) noexcept
{
    return send(pieces, 0);
}

Transfer Socket::write_last(std::span<const iovec> pieces) noexcept
{
    const auto sent = send(pieces, MSG_MORE); // holds back what the end can travel with
    if (sent.bytes == total(pieces)) finish_sending();
    return sent;
}

Transfer Socket::send(std::span<const iovec> pieces, int flags) noexcept
{
    if (!is_usable()) return {Transfer::State::failed, 0};
    if (watch_->writing.blocked) return {};
    const auto sent = outcome(send_gathered(native(), pieces, flags | MSG_NOSIGNAL));
    watch_->writing.blocked = sent.state == Transfer::State::would_block;
    return sent;
}

void Socket::wake_when_readable(Wakeable& whom) noexcept
{
    watch_->wake_when_ready(watch_->reading, whom);
}

void Socket::wake_when_writable(Wakeable& whom) noexcept
{
    watch_->wake_when_ready(watch_->writing, whom);
}

void Socket::forget_waiters() noexcept
{
    if (watch_ != nullptr) watch_->forget_waiters();
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
    if (watch_ != nullptr) std::exchange(watch_, nullptr)->abandon();
}

void Socket::close_copy() noexcept
{
    if (watch_ != nullptr) std::exchange(watch_, nullptr)->abandon(Watch::Copies::elsewhere);
}

void Socket::abort() noexcept
{
    if (watch_ == nullptr) return;
    const linger at_once{1, 0};
    ::setsockopt(native(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close();
}

void set_tcp_options(int fd) noexcept
{
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

} // namespace gatehouse::gateway
