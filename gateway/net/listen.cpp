#include "gateway/net/listen.hpp"

#include "gateway/net/address.hpp"
#include "gateway/net/socket.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <netdb.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>

namespace gatehouse::gateway {
namespace {

constexpr int backlog = 4096; // the kernel lowers it to net.core.somaxconn

enum class PortUse { alone, shared };

bool switch_on(const FileDescriptor& socket, int option) noexcept
{
    const int on = 1;
    return ::setsockopt(socket.get(), SOL_SOCKET, option, &on, sizeof on) == 0;
}

/// An open, bound socket; closed with errno set when that failed.
FileDescriptor bind_to(const SocketAddress& address, PortUse use) noexcept
{
    FileDescriptor socket(
        ::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket.is_open()) return socket;
    // Without SO_REUSEADDR connections in TIME_WAIT would refuse every quick restart.
    const bool ready = switch_on(socket, SO_REUSEADDR) &&
                       (use == PortUse::alone || switch_on(socket, SO_REUSEPORT)) &&
                       ::bind(socket.get(), address.get(), address.size()) == 0;
    if (!ready) {
        const int why = errno;
        socket.reset();
        errno = why;
    }
    return socket;
}

std::optional<SocketAddress> resolve(const HostPort& where)
{
    if (const auto numeric = SocketAddress::parse(where.host, where.port)) return numeric;
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_PASSIVE;
    addrinfo* found = nullptr;
    const auto service = std::to_string(where.port);
    if (::getaddrinfo(where.host.c_str(), service.c_str(), &hints, &found) != 0) return {};
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
    return SocketAddress(found->ai_addr, found->ai_addrlen);
}

std::string cannot_listen(const std::string& address, int error)
{
    if (error == EADDRINUSE) {
        return fmt::format("cannot listen on {}: the port is in use by another process", address);
    }
    return fmt::format("cannot listen on {}: {}", address, std::strerror(error));
}

/// The address with its port settled. The probe is closed again before the workers' sockets are
/// bound, for it does not share its port.
Result<SocketAddress, int> prove_free(const SocketAddress& address) noexcept
{
    const auto probe = bind_to(address, PortUse::alone);
    // Binding tells about bound sockets, listening about those that listen on the same address
    // with SO_REUSEADDR.
    if (!probe.is_open() || ::listen(probe.get(), 1) != 0) return errno;
    const auto settled = SocketAddress::of_socket(probe.get());
    if (!settled) return errno;
    return *settled;
}

Result<SocketAddress, std::string> resolve(const std::string& address)
{
    const auto where = parse_host_port(address);
    if (!where) return fmt::format("cannot listen on {}: not host:port", address);
    const auto wanted = resolve(*where);
    if (!wanted) return fmt::format("cannot listen on {}: unknown host", address);
    return *wanted;
}

/// One socket for each worker out of those that were given; nothing where there are no descriptors
/// left.
std::optional<SharedListener> listener_of(std::vector<FileDescriptor> given, std::size_t workers)
{
    SharedListener listener;
    listener.given = true;
    const auto address = SocketAddress::of_socket(given.front().get());
    if (!address) return std::nullopt;
    for (const auto& socket : given) set_tcp_options(socket.get(), *address);
    for (std::size_t i = 0; given.size() < workers; ++i) {
        FileDescriptor copy(::fcntl(given[i].get(), F_DUPFD_CLOEXEC, 0));
        if (!copy.is_open()) return std::nullopt;
        given.push_back(std::move(copy));
    }
    listener.port = address->port();
    listener.sockets = std::move(given);
    return listener;
}

/// In the order of `wanted`; without sockets where none was given.
Result<std::vector<SharedListener>, std::string> take_given(std::span<const WantedListener> wanted,
                                                            GivenSockets& given)
{
    std::vector<SharedListener> taken(wanted.size());
    // Who leaves the port to others gets what is left.
    for (const bool by_port : {true, false}) {
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            const auto& [address, workers] = wanted[i];
            const auto where = resolve(address);
            if (!where) return where.error();
            if ((where->port() != 0) != by_port) continue;
            auto sockets = given.take(*where);
            if (sockets.empty()) continue;
            auto listener = listener_of(std::move(sockets), workers);
            if (!listener) return cannot_listen(address, errno);
            taken[i] = *std::move(listener);
        }
    }
    if (given.empty() || given.may_be_dropped()) return taken;
    return fmt::format("a socket that listens on {} was given, and neither `listen` nor `admin` "
                       "names that address",
                       given.first_left());
}

} // namespace

Result<SharedListener, std::string> open_listener(const std::string& address, std::size_t workers,
                                                  PortOwner owner)
{
    const auto wanted = resolve(address);
    if (!wanted) return wanted.error();
    const auto settled = owner == PortOwner::this_process ? Result<SocketAddress, int>(*wanted)
                                                          : prove_free(*wanted);
    if (!settled) return cannot_listen(address, settled.error());

    SharedListener listener;
    listener.port = settled->port();
    for (std::size_t i = 0; i < workers; ++i) {
        auto socket = bind_to(*settled, PortUse::shared);
        if (!socket.is_open() || ::listen(socket.get(), backlog) != 0) {
            return cannot_listen(address, errno);
        }
        set_tcp_options(socket.get(), *settled);
        listener.sockets.push_back(std::move(socket));
    }
    return listener;
}

Result<std::vector<SharedListener>, std::string>
open_listeners(std::span<const WantedListener> wanted, GivenSockets given)
{
    std::vector<SharedListener> all(wanted.size());
    if (!given.empty()) {
        auto taken = take_given(wanted, given);
        if (!taken) return taken.error();
        all = *std::move(taken);
    }
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (!all[i].sockets.empty()) continue;
        // At another host of a port that we were given nobody else listens.
        const auto where = parse_host_port(wanted[i].address);
        const bool is_ours = where && where->port != 0 && given.has_port(where->port);
        auto opened =
            open_listener(wanted[i].address, wanted[i].workers,
                          is_ours ? PortOwner::this_process : PortOwner::to_be_proved_free);
        if (!opened) return opened.error();
        all[i] = *std::move(opened);
    }
    return all;
}

} // namespace gatehouse::gateway
