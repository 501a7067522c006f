#include "gateway/upstream/connect.hpp"

#include "gateway/upstream/handshake.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <utility>
#include <vector>

namespace gatehouse::gateway {
namespace {

[[nodiscard]] bool no_descriptor_left(int error) noexcept
{
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

/// An address of any family. A view.
struct AnyAddress {
    const sockaddr* address = nullptr;
    socklen_t size = 0;
};

Task<Opened> open(AnyAddress to, const Connecting& connecting)
{
    const int family = to.address->sa_family;
    FileDescriptor fd(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!fd.is_open()) {
        co_return no_descriptor_left(errno) ? RefusalCode::overloaded
                                            : RefusalCode::upstream_unreachable;
    }
    if (family != AF_UNIX) set_tcp_options(fd.get(), SocketAddress(to.address, to.size));
    const int raw = fd.get();
    Socket socket(connecting.io, std::move(fd));
    for (;;) {
        // The same call again says how the attempt stands: under way, made or failed.
        if (::connect(raw, to.address, to.size) == 0 || errno == EISCONN) break;
        if (errno == EINTR) continue;
        if (errno != EINPROGRESS && errno != EALREADY) co_return RefusalCode::upstream_unreachable;
        if (connecting.limit.has_passed()) co_return RefusalCode::upstream_timeout;
        socket.wake_when_writable(connecting.waiter);
        co_await connecting.waiter.sleep();
    }
    co_return Opened(std::move(socket));
}

Task<std::vector<SocketAddress>> find_addresses(const EndpointTarget& target,
                                                const Connecting& connecting)
{
    if (target.address) co_return std::vector{*target.address};
    const auto known = connecting.known;
    if (!known.empty()) co_return std::vector(known.begin(), known.end());
    const auto answer = connecting.resolver.ask(target.where, connecting.waiter);
    while (!answer->done && !connecting.limit.has_passed()) co_await connecting.waiter.sleep();
    answer->whom = nullptr;
    co_return answer->addresses;
}

/// A socket whose queue is full refuses at once (unix(7)): another endpoint may do better.
Task<Opened> open_unix(const std::string& path, const Connecting& connecting)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    const AnyAddress to{reinterpret_cast<const sockaddr*>(&address), sizeof address};
    auto opened = co_await open(to, connecting);
    co_return opened;
}

Task<Opened> open_one_of(const EndpointTarget& target, const Connecting& connecting)
{
    const auto addresses = co_await find_addresses(target, connecting);
    Opened opened = connecting.limit.has_passed() ? RefusalCode::upstream_timeout
                                                  : RefusalCode::upstream_unreachable;
    for (const auto& address : addresses) {
        const AnyAddress to{address.get(), address.size()};
        opened = co_await open(to, connecting);
        if (opened && target.secure) {
            const auto secured = co_await shake_hands(*opened, target, connecting);
            if (!secured) opened = secured.error();
        }
        if (opened || opened.error() != RefusalCode::upstream_unreachable) break;
    }
    co_return opened;
}

} // namespace

Task<Opened> open_socket(const EndpointTarget& target, const Connecting& connecting)
{
    Opened opened = RefusalCode::upstream_unreachable;
    if (target.socket_path.empty()) {
        opened = co_await open_one_of(target, connecting);
    } else {
        opened = co_await open_unix(target.socket_path, connecting);
    }
    co_return opened;
}

Task<Connected> connect(EndpointPool& pool, const Connecting& connecting)
{
    connecting.limit.arm(connecting.timers, connecting.patience, connecting.waiter);
    auto there = connecting;
    there.known = pool.addresses();
    auto opened = co_await open_socket(pool.target(), there);
    connecting.limit.clear();
    if (!opened) co_return opened.error();
    co_return std::make_unique<UpstreamConnection>(std::move(*opened), pool);
}

} // namespace gatehouse::gateway
