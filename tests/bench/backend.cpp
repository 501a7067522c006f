// The fastest backend we can write: one thread, one epoll, one prepared answer for every request.
// GET /echo answers with the request's own head, so that a benchmark can check what arrives.
// Usage: bench_backend PORT BODY_BYTES
#include "tests/bench/http.hpp"
#include "tests/bench/sockets.hpp"

#include <unistd.h>

#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace gatehouse::bench;

struct Connection {
    std::string pending;  // the start of a request whose rest has not come
    std::size_t skip = 0; // bytes of a request body still to be dropped
};

std::string answer_with(std::string_view body)
{
    std::string answer = "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n"
                         "Content-Length: " +
                         std::to_string(body.size()) + "\r\n\r\n";
    return answer.append(body);
}

/// Bytes of `data` that belong to a body already announced.
std::string_view without_body(Connection& connection, std::string_view data)
{
    const std::size_t dropped = std::min(connection.skip, data.size());
    connection.skip -= dropped;
    return data.substr(dropped);
}

/// What to send for the bytes that came. An answer goes out when its request's head is whole: the
/// proxy under test has to cope with that anyway, and a load generator waits for both.
std::string answers_to(Connection& connection, std::string_view data, const std::string& prepared)
{
    std::string out;
    connection.pending.append(without_body(connection, data));
    while (const auto request = front_message(connection.pending)) {
        const bool echo = request->head.starts_with("GET /echo");
        out += echo ? answer_with(request->head) : prepared;
        const std::size_t here = std::min(request->total_bytes(), connection.pending.size());
        connection.skip = request->total_bytes() - here;
        connection.pending.erase(0, here);
    }
    return out;
}

/// Blocks until everything is sent: answers are small next to a socket's buffer, and large ones
/// are what the 1 MiB workload waits for.
bool send_all(int fd, std::string_view data)
{
    while (!data.empty()) {
        const ssize_t sent = ::send(fd, data.data(), data.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        data.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

int listen_on(std::uint16_t port)
{
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    const sockaddr_in address = loopback(port);
    if (::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) fail("bind");
    if (::listen(fd, 4096) != 0) fail("listen");
    return fd;
}

} // namespace

int main(int argc, char** argv)
{
    if (argc != 3) {
        std::fputs("usage: bench_backend PORT BODY_BYTES\n", stderr);
        return 2;
    }
    const std::string prepared = answer_with(std::string(std::stoul(argv[2]), 'x'));
    const int listener = listen_on(static_cast<std::uint16_t>(std::stoul(argv[1])));
    const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
    watch(epoll, listener, static_cast<std::uint64_t>(listener));

    std::vector<Connection> connections;
    std::vector<char> buffer(256 * 1024);
    std::vector<epoll_event> events(512);
    for (;;) {
        const int ready = ::epoll_wait(epoll, events.data(), static_cast<int>(events.size()), -1);
        for (int i = 0; i < ready; ++i) {
            const int fd = static_cast<int>(events[static_cast<std::size_t>(i)].data.u64);
            if (fd == listener) {
                const int accepted = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
                if (accepted < 0) continue;
                const int on = 1;
                ::setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
                const auto slot = static_cast<std::size_t>(accepted);
                if (connections.size() <= slot) connections.resize(slot + 1);
                connections[slot] = Connection{};
                watch(epoll, accepted, static_cast<std::uint64_t>(accepted));
                continue;
            }
            const ssize_t count = ::recv(fd, buffer.data(), buffer.size(), 0);
            if (count <= 0) {
                ::close(fd);
                continue;
            }
            const std::string_view data{buffer.data(), static_cast<std::size_t>(count)};
            const std::string out =
                answers_to(connections[static_cast<std::size_t>(fd)], data, prepared);
            if (!send_all(fd, out)) ::close(fd);
        }
    }
}
