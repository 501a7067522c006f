#include "gateway/net/given_sockets.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <set>
#include <utility>

namespace gatehouse::gateway {
namespace {

/// Nothing where it is no socket at all.
std::optional<int> option_of(int fd, int option) noexcept
{
    int value = 0;
    socklen_t size = sizeof value;
    if (::getsockopt(fd, SOL_SOCKET, option, &value, &size) != 0) return std::nullopt;
    return value;
}

/// What is wrong with it as a listener of ours; empty where nothing is.
std::string mistake_of(int fd)
{
    const auto type = option_of(fd, SO_TYPE);
    if (!type) return fmt::format("is no socket ({})", std::strerror(errno));
    const auto domain = option_of(fd, SO_DOMAIN);
    if (domain == AF_UNIX) return "is a unix socket; clients come over TCP";
    if (*type != SOCK_STREAM || (domain != AF_INET && domain != AF_INET6)) {
        return "is not a TCP socket";
    }
    if (option_of(fd, SO_ACCEPTCONN) != 1) return "does not listen";
    return {};
}

bool prepare(int fd) noexcept
{
    const int status = ::fcntl(fd, F_GETFL);
    return status >= 0 && ::fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 &&
           ::fcntl(fd, F_SETFL, status | O_NONBLOCK) == 0;
}

} // namespace

Result<GivenSockets, std::string> GivenSockets::from(std::vector<FileDescriptor> sockets,
                                                     Unwanted unwanted)
{
    GivenSockets given;
    given.unwanted_ = unwanted;
    std::set<ino_t> known; // two descriptors of one socket have its number
    for (auto& socket : sockets) {
        const int fd = socket.get();
        if (const auto mistake = mistake_of(fd); !mistake.empty()) {
            return fmt::format("descriptor {}, which was given to listen on, {}", fd, mistake);
        }
        struct stat facts{};
        const auto address = SocketAddress::of_socket(fd);
        if (!address || !prepare(fd) || ::fstat(fd, &facts) != 0) {
            return fmt::format("descriptor {}, which was given to listen on: {}", fd,
                               std::strerror(errno));
        }
        if (known.insert(facts.st_ino).second) {
            given.sockets_.push_back({std::move(socket), *address});
        }
    }
    return given;
}

std::vector<FileDescriptor> GivenSockets::take(const SocketAddress& wanted)
{
    auto where = wanted;
    if (wanted.port() == 0) {
        const auto first = std::ranges::find_if(
            sockets_, [&](const auto& given) { return given.address.is_host_of(wanted); });
        if (first == sockets_.end()) return {};
        where = first->address;
    }
    std::vector<FileDescriptor> taken;
    std::erase_if(sockets_, [&](auto& given) {
        if (given.address.port() != where.port() || !given.address.is_host_of(where)) return false;
        taken.push_back(std::move(given.socket));
        return true;
    });
    return taken;
}

bool GivenSockets::has_port(std::uint16_t port) const noexcept
{
    return std::ranges::any_of(sockets_,
                               [port](const auto& given) { return given.address.port() == port; });
}

std::string GivenSockets::first_left() const
{
    return sockets_.empty() ? std::string() : to_string(sockets_.front().address);
}

} // namespace gatehouse::gateway
