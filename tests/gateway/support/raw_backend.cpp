#include "tests/gateway/support/raw_backend.hpp"

#include "gateway/net/listen.hpp"

#include <fmt/format.h>

#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>

#include <csignal>

namespace gatehouse::gateway::test {
namespace {

/// OpenSSL writes to a socket whose other end may be gone, and would end the process by that. For
/// this thread alone: the gateway's own writes raise no signal to begin with.
void survive_broken_pipes()
{
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
}

} // namespace

RawBackend::RawBackend(Script script) : script_(std::move(script))
{
    auto listening = open_listener("127.0.0.1:0", 1);
    port_ = listening->port;
    listener_ = std::move(listening->sockets.front());
    acceptor_ = std::thread([this] { accept_all(); });
}

RawBackend::~RawBackend()
{
    listen_no_more();
    acceptor_.join();
    {
        const std::lock_guard lock(mutex_);
        for (auto& socket : sockets_) {
            if (socket.is_open()) ::shutdown(socket.native(), SHUT_RDWR);
        }
    }
    for (auto& script : scripts_) script.join();
}

void RawBackend::listen_no_more() noexcept
{
    ::shutdown(listener_.get(), SHUT_RDWR);
}

std::string RawBackend::url() const
{
    return fmt::format("http://127.0.0.1:{}", port_);
}

void RawBackend::accept_all()
{
    for (;;) {
        pollfd asked{listener_.get(), POLLIN, 0};
        ::poll(&asked, 1, -1);
        FileDescriptor fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (!fd.is_open()) return;
        const std::lock_guard lock(mutex_);
        auto& socket = sockets_.emplace_back(std::move(fd));
        const auto number = connections_++;
        scripts_.emplace_back([this, &socket, number] {
            survive_broken_pipes();
            script_(socket, number);
            const std::lock_guard done(mutex_);
            socket.close();
        });
    }
}

RawBackend::Script answering(std::string answer)
{
    return [answer](RawSocket& socket, std::size_t) {
        while (read_request(socket).complete && socket.send(answer)) {
        }
    };
}

RawBackend::Script filling(std::string head, std::promise<bool>& stopped)
{
    return [head, &stopped](RawSocket& socket, std::size_t) {
        (void)read_request(socket);
        socket.send(head);
        const std::string piece(1 << 20, 'x');
        int sent = 0;
        while (sent < 95 && socket.send(piece)) ++sent;
        stopped.set_value(sent < 95);
    };
}

std::string ok(std::string_view body)
{
    return fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}", body.size(), body);
}

} // namespace gatehouse::gateway::test
