#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <string_view>

/// The few lines of socket code that the programs of a benchmark share.
namespace gatehouse::bench {

[[noreturn]] inline void fail(const char* what)
{
    std::perror(what);
    std::exit(1);
}

inline sockaddr_in loopback(std::uint16_t port)
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

inline void send_at_once(int fd)
{
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

/// A connected socket without Nagle's delay.
inline int connect_to(std::uint16_t port)
{
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(port);
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        fail("connect");
    send_at_once(fd);
    return fd;
}

inline int listen_on(std::uint16_t port)
{
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    const sockaddr_in address = loopback(port);
    if (::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) fail("bind");
    if (::listen(fd, 4096) != 0) fail("listen");
    return fd;
}

/// Readiness for `events`, with `tag` given back by epoll_wait.
inline void watch(int epoll, int fd, std::uint64_t tag, std::uint32_t events = EPOLLIN | EPOLLRDHUP,
                  int operation = EPOLL_CTL_ADD)
{
    epoll_event event{};
    event.events = events;
    event.data.u64 = tag;
    if (::epoll_ctl(epoll, operation, fd, &event) != 0) fail("epoll_ctl");
}

/// Sends all of it, and blocks meanwhile. False: the peer is gone.
inline bool send_all(int fd, std::string_view data)
{
    while (!data.empty()) {
        const ssize_t sent = ::send(fd, data.data(), data.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        data.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

/// One thread that serves many connections, each as soon as it can be read.
class Server {
public:
    explicit Server(std::uint16_t port)
        : listener_(listen_on(port)),
          epoll_(::epoll_create1(EPOLL_CLOEXEC))
    {
        watch(listener_);
    }

    void watch(int fd) const { bench::watch(epoll_, fd, static_cast<std::uint64_t>(fd)); }

    /// Calls `accepted(fd)` for each new connection, which is not watched yet, and `readable(fd)`
    /// for a watched one that can be read or was closed.
    template <class Accepted, class Readable>
    [[noreturn]] void run(Accepted accepted, Readable readable) const
    {
        epoll_event events[512];
        for (;;) {
            const int ready = ::epoll_wait(epoll_, events, std::size(events), -1);
            for (int i = 0; i < ready; ++i) {
                const int fd = static_cast<int>(events[i].data.u64);
                if (fd != listener_) {
                    readable(fd);
                } else if (const int client = ::accept4(fd, nullptr, nullptr, SOCK_CLOEXEC);
                           client >= 0) {
                    send_at_once(client);
                    accepted(client);
                }
            }
        }
    }

private:
    int listener_;
    int epoll_;
};

/// As many descriptors as the system allows: thousands of connections are part of some workloads.
inline void allow_many_descriptors()
{
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

} // namespace gatehouse::bench
