#include "gateway/net/socket.hpp"

#include "gateway/net/tls/tls_session.hpp"
#include "gateway/net/watch.hpp"
#include "gateway/net/wire.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <string_view>
#include <system_error>
#include <utility>

namespace gatehouse::gateway {
namespace {

[[nodiscard]] bool is_paced(int fd) noexcept
{
    std::array<char, 16> name{}; // TCP_CA_NAME_MAX
    socklen_t size = name.size();
    if (::getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name.data(), &size) != 0) return false;
    return std::string_view(name.data(), size).starts_with("bbr");
}

} // namespace

Socket::Socket() noexcept = default;

Socket::Socket(Watch* watch) noexcept : watch_(watch) {}

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

Socket::Socket(Socket&& other) noexcept
    : watch_(std::exchange(other.watch_, nullptr)),
      tls_(std::move(other.tls_))
{
}

Socket& Socket::operator=(Socket&& other) noexcept
{
    if (this != &other) {
        close();
        watch_ = std::exchange(other.watch_, nullptr);
        tls_ = std::move(other.tls_);
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

Transfer Socket::read(std::span<char> into) noexcept
{
    if (!is_usable()) return {Transfer::State::failed, 0};
    if (tls_) [[unlikely]]
        return tls_->read(into);
    return receive(*watch_, into);
}

bool Socket::may_have_data() const noexcept
{
    if (tls_) [[unlikely]]
        return tls_->may_have_data();
    return watch_ != nullptr && !watch_->reading.blocked && !watch_->reading.drained;
}

void Socket::found_nothing() noexcept
{
    if (watch_ != nullptr) watch_->reading.blocked = true;
}

Transfer Socket::peek(std::span<char> into) noexcept
{
    if (!is_usable()) return {Transfer::State::failed, 0};
    return peek_received(*watch_, into);
}

Transfer Socket::discard(std::size_t most) noexcept
{
    if (!is_usable()) return {Transfer::State::failed, 0};
    if (tls_) [[unlikely]]
        return tls_->discard(most);
    return drop_received(*watch_, most);
}

Transfer Socket::write(std::span<const iovec> pieces) noexcept
{
    if (tls_ && is_usable()) [[unlikely]]
        return tls_->write(pieces);
    return send(pieces, 0);
}

Transfer Socket::write_last(std::span<const iovec> pieces) noexcept
{
    if (tls_ && is_usable()) [[unlikely]]
        return tls_->write_last(pieces);
    const auto sent = send(pieces, MSG_MORE); // holds back what the end can travel with
    if (sent.bytes == total_bytes(pieces)) finish_sending();
    return sent;
}

std::size_t Socket::owed_bytes() const noexcept
{
    return tls_ ? tls_->owed_bytes() : 0;
}

Transfer Socket::send(std::span<const iovec> pieces, int flags) noexcept
{
    if (!is_usable()) return {Transfer::State::failed, 0};
    return gateway::send(*watch_, pieces, flags);
}

void Socket::begin_tls(SslPtr ssl)
{
    tls_ = std::make_unique<TlsSession>(std::move(ssl), *watch_);
}

void Socket::drop_tls() noexcept
{
    tls_.reset();
}

void Socket::wake_when_readable(Wakeable& whom) noexcept
{
    if (tls_) [[unlikely]]
        return tls_->wake_when_readable(whom);
    watch_->wake_when_ready(watch_->reading, whom);
}

void Socket::wake_when_writable(Wakeable& whom) noexcept
{
    if (tls_) [[unlikely]]
        return tls_->wake_when_writable(whom);
    watch_->wake_when_ready(watch_->writing, whom);
}

void Socket::forget_waiters() noexcept
{
    if (watch_ != nullptr) watch_->forget_waiters();
}

bool Socket::peer_has_left() const noexcept
{
    if (tls_ && tls_->has_ended()) return true;
    pollfd asked{native(), POLLRDHUP, 0};
    return ::poll(&asked, 1, 0) != 0;
}

bool Socket::was_heard_of() const noexcept
{
    return watch_ == nullptr || watch_->may_be_ready(watch_->reading);
}

bool Socket::is_quiet() const noexcept
{
    if (tls_) [[unlikely]]
        return tls_->is_quiet();
    pollfd asked{native(), POLLIN | POLLRDHUP, 0};
    return ::poll(&asked, 1, 0) == 0;
}

void Socket::finish_sending() noexcept
{
    if (watch_ == nullptr) return;
    if (tls_) [[unlikely]]
        return tls_->finish_sending();
    ::shutdown(native(), SHUT_WR);
}

void Socket::close() noexcept
{
    if (tls_) [[unlikely]] {
        if (is_usable()) tls_->say_goodbye();
        tls_.reset();
    }
    if (watch_ != nullptr) std::exchange(watch_, nullptr)->abandon();
}

void Socket::close_copy() noexcept
{
    if (watch_ != nullptr) std::exchange(watch_, nullptr)->abandon(Watch::Copies::elsewhere);
}

void Socket::abort() noexcept
{
    if (watch_ == nullptr) return;
    tls_.reset(); // without a word: the stream has to look cut
    const linger at_once{1, 0};
    ::setsockopt(native(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close();
}

void set_tcp_options(int fd, const SocketAddress& address) noexcept
{
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (address.is_loopback() && is_paced(fd)) {
        constexpr std::string_view reno = "reno"; // which every kernel has, and everybody may use
        ::setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, reno.data(), reno.size());
    }
}

} // namespace gatehouse::gateway
