#include "auth/redis/socket.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <system_error>
#include <utility>

namespace gatehouse::auth::redis {

namespace {

using Clock = std::chrono::steady_clock;
using Addresses = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

[[nodiscard]] Failure failure(Trouble trouble, int error)
{
    return Failure(trouble, std::generic_category().message(error));
}

[[nodiscard]] Failure timed_out(Trouble trouble)
{
    return failure(trouble, ETIMEDOUT);
}

[[nodiscard]] Result<Addresses, Failure> look_up(const std::string& host, std::uint16_t port)
{
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICSERV;
    addrinfo* found = nullptr;
    const auto service = std::to_string(port);
    const int error = ::getaddrinfo(host.c_str(), service.c_str(), &hints, &found);
    if (error != 0) return Failure(Trouble::unreachable, ::gai_strerror(error));
    return Addresses(found, &::freeaddrinfo);
}

void set_options(int descriptor)
{
    // A command is small and waits for its answer; and a peer that vanished without a word is
    // noticed in a minute.
    const auto set = [&](int level, int name, int value) {
        ::setsockopt(descriptor, level, name, &value, sizeof value);
    };
    set(IPPROTO_TCP, TCP_NODELAY, 1);
    set(SOL_SOCKET, SO_KEEPALIVE, 1);
    set(IPPROTO_TCP, TCP_KEEPIDLE, 20);
    set(IPPROTO_TCP, TCP_KEEPINTVL, 10);
    set(IPPROTO_TCP, TCP_KEEPCNT, 3);
}

} // namespace

Result<Socket, Failure> Socket::connect(const std::string& host, std::uint16_t port,
                                        Deadline deadline)
{
    const auto addresses = look_up(host, port);
    if (!addresses) return addresses.error();
    int left = 0;
    for (const auto* each = addresses->get(); each != nullptr; each = each->ai_next) ++left;

    auto last = Failure(Trouble::unreachable, "the name has no address");
    for (const auto* each = addresses->get(); each != nullptr; each = each->ai_next, --left) {
        const auto now = Clock::now();
        const auto until = now + std::max(deadline - now, Clock::duration::zero()) / left;
        Socket socket(::socket(each->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        if (socket.descriptor_ < 0) return failure(Trouble::unreachable, errno);
        set_options(socket.descriptor_);
        if (::connect(socket.descriptor_, each->ai_addr, each->ai_addrlen) == 0) return socket;
        if (errno != EINPROGRESS) {
            last = failure(Trouble::unreachable, errno);
            continue;
        }
        const auto done = socket.finish_connecting(until);
        if (done) return socket;
        last = done.error();
    }
    return last;
}

Result<void, Failure> Socket::finish_connecting(Deadline deadline) const
{
    if (!wait_for(POLLOUT, deadline)) return timed_out(Trouble::unreachable);
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return failure(Trouble::unreachable, error);
    return {};
}

Socket::Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

Socket& Socket::operator=(Socket&& other) noexcept
{
    std::swap(descriptor_, other.descriptor_);
    return *this;
}

Socket::~Socket()
{
    if (descriptor_ >= 0) ::close(descriptor_);
}

Result<void, Failure> Socket::write(std::string_view bytes, Deadline deadline)
{
    while (!bytes.empty()) {
        const auto sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent >= 0) {
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        } else if (errno == EAGAIN) {
            if (!wait_for(POLLOUT, deadline)) return timed_out(Trouble::timed_out);
        } else if (errno != EINTR) {
            return failure(Trouble::lost, errno);
        }
    }
    return {};
}

Result<std::size_t, Failure> Socket::read(std::span<char> room, Deadline deadline)
{
    while (true) {
        const auto received = ::recv(descriptor_, room.data(), room.size(), 0);
        if (received > 0) return static_cast<std::size_t>(received);
        if (received == 0) return Failure(Trouble::lost, "the server closed the connection");
        if (errno == EAGAIN) {
            if (!wait_for(POLLIN, deadline)) return timed_out(Trouble::timed_out);
        } else if (errno != EINTR) {
            return failure(Trouble::lost, errno);
        }
    }
}

bool Socket::has_input() const noexcept
{
    return wait_for(POLLIN, Deadline::min());
}

/// false: the time is over, and it did not happen.
bool Socket::wait_for(short event, Deadline deadline) const noexcept
{
    using std::chrono::milliseconds;
    constexpr auto longest = milliseconds(std::chrono::hours(1)); // poll counts in int
    while (true) {
        const auto now = Clock::now();
        const bool over = deadline <= now;
        const auto left = over ? milliseconds(0)
                               : std::min(std::chrono::ceil<milliseconds>(deadline - now), longest);
        pollfd waited{.fd = descriptor_, .events = event, .revents = 0};
        if (::poll(&waited, 1, static_cast<int>(left.count())) > 0) return true;
        if (over) return false;
    }
}

} // namespace gatehouse::auth::redis
