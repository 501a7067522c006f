#include "gateway/command/tcp_dial.hpp"

#include <netdb.h>
#include <sys/socket.h>

#include <cerrno>
#include <memory>
#include <system_error>

namespace gatehouse::gateway {
namespace {

struct FreeAddresses {
    void operator()(addrinfo* list) const noexcept { ::freeaddrinfo(list); }
};

/// SO_SNDTIMEO also bounds connect() on Linux (socket(7)).
void bound(const FileDescriptor& socket, std::chrono::milliseconds deadline)
{
    const auto seconds = std::chrono::floor<std::chrono::seconds>(deadline);
    const timeval time{seconds.count(), (deadline - seconds).count() * 1000};
    ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time);
    ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
}

} // namespace

Result<FileDescriptor, DialProblem> dial(const std::string& host, std::uint16_t port,
                                         std::chrono::milliseconds deadline)
{
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const auto status = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
    if (status != 0) return DialProblem{"name not resolved: ", ::gai_strerror(status)};
    const std::unique_ptr<addrinfo, FreeAddresses> list{found};

    int problem = 0;
    for (const auto* address = found; address != nullptr; address = address->ai_next) {
        FileDescriptor socket{
            ::socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, address->ai_protocol)};
        bound(socket, deadline);
        if (::connect(socket.get(), address->ai_addr, address->ai_addrlen) == 0) return socket;
        problem = errno == EINPROGRESS ? ETIMEDOUT : errno;
    }
    return DialProblem{"", std::generic_category().message(problem)};
}

} // namespace gatehouse::gateway
