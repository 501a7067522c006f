#include "gateway/upstream/connect.hpp"

#include "gateway/net/descriptors.hpp"
#include "gateway/upstream/handshake.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>
#include <vector>

namespace gatehouse::gateway {
namespace {

using std::chrono::milliseconds;

[[nodiscard]] bool no_descriptor_left(int error) noexcept
{
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

/// An address of any family. A view.
struct AnyAddress {
    const sockaddr* address = nullptr;
    socklen_t size = 0;
};

/// `share`: of the time there is for all addresses; not armed: all that is left.
Task<Opened> open(AnyAddress to, const Connecting& connecting, const Deadline& share)
{
    const int family = to.address->sa_family;
    FileDescriptor fd(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!fd.is_open()) {
        co_return no_descriptor_left(errno) ? RefusalCode::overloaded
                                            : RefusalCode::upstream_unreachable;
    }
    if (is_kept_descriptor(fd.get())) co_return RefusalCode::overloaded;
    if (family != AF_UNIX) set_tcp_options(fd.get(), SocketAddress(to.address, to.size));
    const int raw = fd.get();
    Socket socket(connecting.io, std::move(fd));
    for (;;) {
        // The same call again says how the attempt stands: under way, made or failed.
        if (::connect(raw, to.address, to.size) == 0 || errno == EISCONN) break;
        if (errno == EINTR) continue;
        if (errno != EINPROGRESS && errno != EALREADY) co_return RefusalCode::upstream_unreachable;
        if (connecting.limit.has_passed() || share.has_passed())
            co_return RefusalCode::upstream_timeout;
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
    const Deadline all;
    auto opened = co_await open(to, connecting, all);
    co_return opened;
}

// Less would pass over an address that is merely far away.  RFC 8305, 5
constexpr milliseconds least_share{250};

milliseconds share_of(TimerWheel::Time end, std::size_t addresses)
{
    const auto all = std::chrono::duration_cast<milliseconds>(end - Timers::now());
    return std::max(all / static_cast<int>(addresses), least_share);
}

/// An address that answers nothing at all keeps nobody from those behind it: each gets its share of
/// the time that is left.
Task<Opened> open_one_of(const EndpointTarget& target, const Connecting& connecting)
{
    const auto end = Timers::now() + connecting.patience;
    const auto addresses = co_await find_addresses(target, connecting);
    Opened opened = connecting.limit.has_passed() ? RefusalCode::upstream_timeout
                                                  : RefusalCode::upstream_unreachable;
    for (auto left = addresses.size(); const auto& address : addresses) {
        Deadline share;
        if (left > 1) share.arm(connecting.timers, share_of(end, left), connecting.waiter);
        --left;
        const AnyAddress to{address.get(), address.size()};
        opened = co_await open(to, connecting, share);
        if (!opened && share.has_passed() && !connecting.limit.has_passed()) continue;
        share.clear();
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
