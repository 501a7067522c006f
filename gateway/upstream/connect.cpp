#include "gateway/upstream/connect.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <utility>
#include <vector>

namespace gatehouse::gateway {
namespace {

[[nodiscard]] bool no_descriptor_left(int error) noexcept
{
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

Task<Opened> open(const SocketAddress& address, const Connecting& connecting)
{
    FileDescriptor fd(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!fd.is_open()) {
        co_return no_descriptor_left(errno) ? RefusalCode::overloaded
                                            : RefusalCode::upstream_unreachable;
    }
    set_tcp_options(fd.get());
    const int raw = fd.get();
    Socket socket(connecting.io, std::move(fd));
    for (;;) {
        // The same call again says how the attempt stands: under way, made or failed.
        if (::connect(raw, address.get(), address.size()) == 0 || errno == EISCONN) break;
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
    const auto answer = connecting.resolver.ask(target.where, connecting.waiter);
    while (!answer->done && !connecting.limit.has_passed()) co_await connecting.waiter.sleep();
    answer->whom = nullptr;
    co_return answer->addresses;
}

} // namespace

Task<Opened> open_socket(const EndpointTarget& target, const Connecting& connecting)
{
    const auto addresses = co_await find_addresses(target, connecting);
    auto why = connecting.limit.has_passed() ? RefusalCode::upstream_timeout
                                             : RefusalCode::upstream_unreachable;
    for (const auto& address : addresses) {
        auto opened = co_await open(address, connecting);
        if (opened) co_return opened;
        why = opened.error();
        if (why != RefusalCode::upstream_unreachable) break;
    }
    co_return why;
}

Task<Connected> connect(EndpointPool& pool, const Connecting& connecting)
{
    connecting.limit.arm(connecting.timers, connecting.patience, connecting.waiter);
    auto opened = co_await open_socket(pool.target(), connecting);
    connecting.limit.clear();
    if (!opened) co_return opened.error();
    co_return std::make_unique<UpstreamConnection>(std::move(*opened), pool);
}

} // namespace gatehouse::gateway
