#include "gateway/command/echo_upstream.hpp"

#include "gateway/command/echo_conversation.hpp"

#include <fmt/format.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace gatehouse::gateway {

EchoUpstream::EchoUpstream(FileDescriptor listener, FileDescriptor stop, std::uint16_t port)
    : listener_(std::move(listener)),
      stop_(std::move(stop)),
      port_(port)
{
}

Result<std::unique_ptr<EchoUpstream>, std::string> EchoUpstream::listen()
{
    FileDescriptor listener{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    FileDescriptor stop{::eventfd(0, EFD_CLOEXEC)};
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address); // how the socket API wants it
    const bool listening = listener.is_open() && stop.is_open() &&
                           ::bind(listener.get(), generic, size) == 0 &&
                           ::listen(listener.get(), SOMAXCONN) == 0 &&
                           ::getsockname(listener.get(), generic, &size) == 0;
    if (!listening) {
        return fmt::format("the echo service cannot listen on 127.0.0.1: {}",
                           std::generic_category().message(errno));
    }
    return std::unique_ptr<EchoUpstream>(
        new EchoUpstream(std::move(listener), std::move(stop), ntohs(address.sin_port)));
}

void EchoUpstream::start()
{
    acceptor_ = std::thread([this] { accept_all(); });
}

void EchoUpstream::accept_all()
{
    for (;;) {
        std::array<pollfd, 2> waits{
            {{listener_.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}}
        };
        if (::poll(waits.data(), waits.size(), -1) < 0 && errno != EINTR) return;
        if (waits[1].revents != 0) return;
        if (waits[0].revents == 0) continue;
        FileDescriptor socket{::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC)};
        if (!socket.is_open()) continue;
        const int on = 1;
        ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        auto& connection = connections_.emplace_back();
        connection.socket = std::move(socket);
        connection.thread = std::thread([fd = connection.socket.get()] {
            converse(fd);
            ::shutdown(fd, SHUT_RDWR); // the descriptor lives until the end: no thread meets a
                                       // number that means another socket by now
        });
    }
}

EchoUpstream::~EchoUpstream()
{
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(stop_.get(), &one, sizeof one);
    if (acceptor_.joinable()) acceptor_.join();
    for (auto& connection : connections_) {
        ::shutdown(connection.socket.get(), SHUT_RDWR);
        connection.thread.join();
    }
}

} // namespace gatehouse::gateway
