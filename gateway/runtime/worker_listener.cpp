#include "gateway/runtime/worker_listener.hpp"

#include "gateway/runtime/worker_loop.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <cerrno>
#include <exception>
#include <utility>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;

constexpr auto pause_without_descriptors = 100ms;
constexpr int accepts_in_a_row = 64;

} // namespace

Listener::Listener(WorkerLoop& loop, WorkerListener listening)
    : loop_(loop),
      socket_(loop.io(), std::move(listening.socket)),
      only_(std::move(listening.only)),
      address_(std::move(listening.address)),
      shared_(listening.shared)
{
    follow(*loop.generation().runtime);
}

void Listener::follow(const Runtime& runtime) noexcept
{
    if (only_ != nullptr) return; // the admin address
    const auto& listen = runtime.settings.listen;
    for (std::size_t i = 0; i < listen.size(); ++i) {
        if (listen[i].address != address_) continue;
        proxy_header_ = listen[i].proxy_protocol == config::ProxyProtocol::required;
        const auto& redirect = listen[i].redirect_to_https;
        to_https_.reset();
        if (redirect.on) to_https_ = redirect.port != 0 ? redirect.port : runtime.https.port;
        const bool has_tls = i < runtime.tls_servers.size();
        tls_ = has_tls ? share_context(runtime.tls_servers[i].context.get()) : nullptr;
    }
}

ListenerCopy Listener::copy() const
{
    return {address_, only_ != nullptr,
            FileDescriptor(::fcntl(socket_.native(), F_DUPFD_CLOEXEC, 0))};
}

bool Listener::accept_one()
{
    sockaddr_storage storage{};
    auto* raw = reinterpret_cast<sockaddr*>(&storage);
    socklen_t size = sizeof storage;
    FileDescriptor fd(::accept4(socket_.native(), raw, &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (fd.is_open()) {
        loop_.adopt(std::move(fd), SocketAddress(raw, size),
                    {only_.get(), proxy_header_, tls_.get(), to_https_});
        return true;
    }
    const int why = errno;
    if (why == ECONNABORTED || why == EINTR) return true;
    if (why == EAGAIN || why == EWOULDBLOCK) {
        socket_.found_nothing();
    } else {
        // No descriptor or memory left. The client stays in the queue; trying again at once would
        // only burn the core that could free some.  R64
        pause_.arm(loop_.rooms().timers, pause_without_descriptors, *this);
    }
    return false;
}

void Listener::wake() noexcept
{
    if (!socket_.is_open() || pause_.is_armed()) return;
    try {
        for (int i = 0; i < accepts_in_a_row; ++i) {
            if (!accept_one()) break;
        }
    } catch (const std::exception&) { // no memory for one more connection
        pause_.arm(loop_.rooms().timers, pause_without_descriptors, *this);
    }
    if (!pause_.is_armed()) socket_.wake_when_readable(*this);
}

void Listener::stop()
{
    if (!socket_.is_open()) return;
    while (!shared_ && !pause_.is_armed() && accept_one()) {
    }
    pause_.clear();
    socket_.close_copy();
}

} // namespace gatehouse::gateway
