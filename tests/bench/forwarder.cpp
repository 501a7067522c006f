// The floor: carries bytes between two sockets and parses nothing. No proxy can be cheaper, so its
// processor time is what the kernel takes of every proxy on this machine.
// Usage: bench_forwarder PORT BACKEND_PORT
#include "tests/bench/sockets.hpp"

#include <unistd.h>

#include <string>
#include <vector>

namespace {

using namespace gatehouse::bench;

class Forwarder {
public:
    Forwarder(std::uint16_t port, std::uint16_t backend_port)
        : server_(port),
          backend_port_(backend_port),
          buffer_(256 * 1024)
    {
    }

    [[noreturn]] void serve()
    {
        server_.run([this](int fd) { accepted(fd); }, [this](int fd) { forward(fd); });
    }

private:
    void accepted(int client)
    {
        const int backend = connect_to(backend_port_);
        pair(client, backend);
        pair(backend, client);
    }

    void pair(int fd, int other)
    {
        const auto slot = static_cast<std::size_t>(fd);
        if (others_.size() <= slot) others_.resize(slot + 1, -1);
        others_[slot] = other;
        server_.watch(fd);
    }

    void forward(int fd)
    {
        const int other = others_[static_cast<std::size_t>(fd)];
        if (other < 0) return; // closed together with its pair, in this very round
        const ssize_t count = ::recv(fd, buffer_.data(), buffer_.size(), 0);
        if (count <= 0 || !send_all(other, {buffer_.data(), static_cast<std::size_t>(count)}))
            close(fd, other); // sending blocks: what is measured over it fits into the buffers
    }

    void close(int fd, int other)
    {
        for (const int one : {fd, other}) {
            others_[static_cast<std::size_t>(one)] = -1;
            ::close(one);
        }
    }

    Server server_;
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
