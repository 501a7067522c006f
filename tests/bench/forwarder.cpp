// The floor: carries bytes between two sockets and parses nothing. No proxy can be cheaper, so its
// processor time is what the kernel takes of every proxy on this machine.
// Usage: bench_forwarder PORT BACKEND_PORT
#include "tests/bench/sockets.hpp"

#include <unistd.h>

#include <iterator>
#include <string_view>
#include <vector>

namespace {

using namespace gatehouse::bench;

class Forwarder {
public:
    Forwarder(std::uint16_t port, std::uint16_t backend_port)
        : listener_(listen_on(port)),
          epoll_(::epoll_create1(EPOLL_CLOEXEC)),
          backend_port_(backend_port),
          buffer_(256 * 1024)
    {
        watch(epoll_, listener_, static_cast<std::uint64_t>(listener_));
    }

    [[noreturn]] void serve()
    {
        epoll_event events[512];
        for (;;) {
            const int ready = ::epoll_wait(epoll_, events, std::size(events), -1);
            for (int i = 0; i < ready; ++i) {
                const int fd = static_cast<int>(events[i].data.u64);
                if (fd == listener_)
                    accept();
                else
                    forward(fd);
            }
        }
    }

private:
    void accept()
    {
        const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (client < 0) return;
        send_at_once(client);
        const int backend = connect_to(backend_port_);
        pair(client, backend);
        pair(backend, client);
    }

    void pair(int fd, int other)
    {
        const auto slot = static_cast<std::size_t>(fd);
        if (others_.size() <= slot) others_.resize(slot + 1, -1);
        others_[slot] = other;
        watch(epoll_, fd, static_cast<std::uint64_t>(fd));
    }

    void forward(int fd)
    {
        const int other = others_[static_cast<std::size_t>(fd)];
        if (other < 0) return; // closed together with its pair, in this very round
        const ssize_t count = ::recv(fd, buffer_.data(), buffer_.size(), 0);
        if (count <= 0 || !send_all(other, {buffer_.data(), static_cast<std::size_t>(count)}))
            close(fd, other);
    }

    /// Blocks: what is measured over it fits into the sockets' buffers.
    static bool send_all(int fd, std::string_view data)
    {
        while (!data.empty()) {
            const ssize_t sent = ::send(fd, data.data(), data.size(), MSG_NOSIGNAL);
            if (sent <= 0) return false;
            data.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }

    void close(int fd, int other)
    {
        for (const int one : {fd, other}) {
            others_[static_cast<std::size_t>(one)] = -1;
            ::close(one);
        }
    }

    int listener_;
    int epoll_;
    std::uint16_t backend_port_;
    std::vector<char> buffer_;
    std::vector<int> others_; // by descriptor
};

} // namespace

int main(int argc, char** argv)
{
    if (argc != 3) {
        std::fputs("usage: bench_forwarder PORT BACKEND_PORT\n", stderr);
        return 2;
    }
    allow_many_descriptors();
    Forwarder forwarder{static_cast<std::uint16_t>(std::stoul(argv[1])),
                        static_cast<std::uint16_t>(std::stoul(argv[2]))};
    forwarder.serve();
}
