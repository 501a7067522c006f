#include "tests/gateway/support/raw_socket.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <strings.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdlib>

namespace gatehouse::gateway::test {
namespace {

constexpr int patience_ms = 10'000;

bool equal_names(std::string_view a, std::string_view b)
{
    return a.size() == b.size() && ::strncasecmp(a.data(), b.data(), a.size()) == 0;
}

} // namespace

RawSocket::RawSocket(FileDescriptor fd) : fd_(std::move(fd)) {}

RawSocket::RawSocket(std::uint16_t port, int receive_buffer_bytes)
    : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
{
    if (receive_buffer_bytes != 0) {
        ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes,
                     sizeof receive_buffer_bytes);
    }
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_port = htons(port);
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const auto* raw = static_cast<const sockaddr*>(static_cast<const void*>(&where));
    if (::connect(fd_.get(), raw, sizeof where) != 0) fd_.reset();
}

bool RawSocket::send(std::string_view text)
{
    while (!text.empty()) {
        pollfd asked{fd_.get(), POLLOUT, 0};
        if (::poll(&asked, 1, patience_ms) != 1) return false;
        const auto sent = ::send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

RawSocket::End RawSocket::receive()
{
    pollfd asked{fd_.get(), POLLIN, 0};
    if (::poll(&asked, 1, patience_ms) != 1) return end_ = End::silent;
    char bytes[65536];
    const auto got = ::recv(fd_.get(), bytes, sizeof bytes, 0);
    if (got == 0) return end_ = End::closed;
    if (got < 0) return end_ = End::reset;
    received_.append(bytes, static_cast<std::size_t>(got));
    return End::open;
}

std::string RawSocket::take_through(std::string_view text)
{
    for (;;) {
        const auto at = received_.find(text);
        if (at != std::string::npos) return take(at + text.size());
        if (receive() != End::open) return {};
    }
}

std::string RawSocket::take(std::size_t bytes)
{
    while (received_.size() < bytes && receive() == End::open) {
    }
    auto taken = received_.substr(0, bytes);
    received_.erase(0, taken.size());
    return taken;
}

std::string RawSocket::take_all()
{
    while (receive() == End::open) {
    }
    return std::exchange(received_, {});
}

bool RawSocket::is_silent_for(std::chrono::milliseconds time)
{
    pollfd asked{fd_.get(), POLLIN, 0};
    return ::poll(&asked, 1, static_cast<int>(time.count())) == 0;
}

bool RawSocket::is_closed()
{
    while (receive() == End::open) {
    }
    return end_ == End::closed || end_ == End::reset;
}

void RawSocket::finish_sending()
{
    ::shutdown(fd_.get(), SHUT_WR);
}

void RawSocket::reset()
{
    const linger at_once{1, 0};
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    fd_.reset();
}

unsigned Message::status() const
{
    return head.size() < 12 ? 0 : static_cast<unsigned>(std::atoi(head.c_str() + 9));
}

std::string Message::field(std::string_view name) const
{
    for (std::size_t at = head.find("\r\n"); at != std::string::npos;) {
        const auto begin = at + 2;
        at = head.find("\r\n", begin);
        const auto line = std::string_view(head).substr(begin, at - begin);
        const auto colon = line.find(':');
        if (colon == std::string_view::npos || !equal_names(line.substr(0, colon), name)) continue;
        auto value = line.substr(colon + 1);
        while (value.starts_with(' ')) value.remove_prefix(1);
        return std::string(value);
    }
    return {};
}

bool Message::has_field(std::string_view name) const
{
    return !field(name).empty();
}

namespace {

void read_chunks(RawSocket& socket, Message& message)
{
    for (;;) {
        const auto line = socket.take_through("\r\n");
        if (line.empty()) return;
        const auto size = std::strtoul(line.c_str(), nullptr, 16);
        if (size == 0) break;
        const auto data = socket.take(size);
        message.body += data;
        if (data.size() < size || socket.take(2).size() < 2) return;
    }
    std::string line;
    do { // trailers are kept at the end of the head
        line = socket.take_through("\r\n");
        if (line.empty()) return;
        if (line != "\r\n") message.head += line;
    } while (line != "\r\n");
    message.complete = true;
}

void read_body(RawSocket& socket, Message& message, bool until_close)
{
    if (message.field("Transfer-Encoding") == "chunked") return read_chunks(socket, message);
    if (message.has_field("Content-Length")) {
        const auto length = std::strtoull(message.field("Content-Length").c_str(), nullptr, 10);
        message.body = socket.take(length);
        message.complete = message.body.size() == length;
        return;
    }
    message.complete = true;
    if (!until_close) return;
    message.body = socket.take_all();
    message.complete = socket.end() == RawSocket::End::closed;
}

} // namespace

Message read_response(RawSocket& socket, bool without_body)
{
    Message message;
    message.head = socket.take_through("\r\n\r\n");
    if (message.head.empty()) return message;
    const auto status = message.status();
    if (without_body || status < 200 || status == 204 || status == 304) {
        message.complete = true;
        return message;
    }
    read_body(socket, message, true);
    return message;
}

Message read_request(RawSocket& socket)
{
    Message message;
    message.head = socket.take_through("\r\n\r\n");
    if (!message.head.empty()) read_body(socket, message, false);
    return message;
}

} // namespace gatehouse::gateway::test
