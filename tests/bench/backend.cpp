// The fastest backend we can write: one thread, one epoll, one prepared answer for every request.
// A WebSocket handshake is answered as one, and messages of BODY_BYTES come back.
// GET /echo answers with the request's own head, so that a benchmark can check what arrives.
// Usage: bench_backend PORT BODY_BYTES [CHUNK_BYTES]; with the last, the body goes out in chunks.
#include "tests/bench/message_reader.hpp"
#include "tests/bench/sockets.hpp"
#include "tests/bench/websocket_message.hpp"

#include <unistd.h>

#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace gatehouse::bench;

std::string answer_with(std::string_view body)
{
    return "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + std::string{body};
}

std::string chunked_answer(std::size_t body_bytes, std::size_t chunk_bytes)
{
    std::string answer = "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n"
                         "Transfer-Encoding: chunked\r\n\r\n";
    for (std::size_t left = body_bytes; left > 0;) {
        const std::size_t count = std::min(left, chunk_bytes);
        char size[32];
        std::snprintf(size, sizeof size, "%zx\r\n", count);
        answer.append(size).append(count, 'x').append("\r\n");
        left -= count;
    }
    return answer + "0\r\n\r\n";
}

class Backend {
public:
    Backend(std::uint16_t port, std::string prepared, std::size_t message_bytes)
        : server_(port),
          prepared_(std::move(prepared)),
          message_(websocket_message(message_bytes, false)),
          buffer_(256 * 1024)
    {
    }

    [[noreturn]] void serve()
    {
        server_.run([this](int fd) { accepted(fd); }, [this](int fd) { answer(fd); });
    }

private:
    void accepted(int fd)
    {
        const auto slot = static_cast<std::size_t>(fd);
        if (requests_.size() <= slot) requests_.resize(slot + 1);
        requests_[slot].restart();
        messages_.resize(requests_.size());
        messages_[slot] = {};
        server_.watch(fd);
    }

    void answer(int fd)
    {
        const ssize_t count = ::recv(fd, buffer_.data(), buffer_.size(), 0);
        if (count <= 0 || !answer(fd, {buffer_.data(), static_cast<std::size_t>(count)}))
            ::close(fd);
    }

    bool answer(int fd, std::string_view data)
    {
        const auto slot = static_cast<std::size_t>(fd);
        if (messages_[slot].begun) return echo(fd, data.size());
        MessageReader& request = requests_[slot];
        while (!data.empty()) {
            data.remove_prefix(request.take(data));
            if (!request.whole()) break;
            if (same_letters(field_value(request.head(), "Upgrade").substr(0, 9), "websocket"))
                return switch_over(fd);
            const bool echo = request.head().starts_with("GET /echo");
            // It blocks: answers are small next to a socket's buffer, and large ones are what
            // the 1 MiB workload waits for.
            if (!send_all(fd, echo ? answer_with(request.head()) : prepared_)) return false;
            request.restart();
        }
        return true;
    }

    /// A WebSocket, and how much of its next message is there.
    struct Messages {
        bool begun = false;
        std::size_t arrived = 0;
    };

    bool switch_over(int fd)
    {
        messages_[static_cast<std::size_t>(fd)].begun = true;
        return send_all(fd, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                            "Connection: Upgrade\r\nSec-WebSocket-Accept: " +
                                std::string(websocket_accept) + "\r\n\r\n");
    }

    bool echo(int fd, std::size_t arrived)
    {
        auto& messages = messages_[static_cast<std::size_t>(fd)];
        const std::size_t whole = message_.size() + 4; // with a mask
        for (messages.arrived += arrived; messages.arrived >= whole; messages.arrived -= whole) {
            if (!send_all(fd, message_)) return false;
        }
        return true;
    }

    Server server_;
    std::string prepared_;
    std::string message_;
    std::vector<Messages> messages_; // by descriptor
    std::vector<char> buffer_;
    std::vector<MessageReader> requests_; // by descriptor
};

} // namespace

int main(int argc, char** argv)
{
    if (argc != 3 && argc != 4) {
        std::fputs("usage: bench_backend PORT BODY_BYTES [CHUNK_BYTES]\n", stderr);
        return 2;
    }
    allow_many_descriptors();
    const std::size_t body_bytes = std::stoul(argv[2]);
    Backend backend{static_cast<std::uint16_t>(std::stoul(argv[1])),
                    argc == 4 ? chunked_answer(body_bytes, std::stoul(argv[3]))
                              : answer_with(std::string(body_bytes, 'x')),
                    body_bytes};
    backend.serve();
}
