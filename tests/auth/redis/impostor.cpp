#include "tests/auth/redis/impostor.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

namespace gatehouse::auth::redis {

Impostor::Impostor(std::vector<std::string> lines, bool closes)
    : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener_, generic, size) != 0 || ::listen(listener_, 1) != 0 ||
        ::getsockname(listener_, generic, &size) != 0) {
        throw std::runtime_error("cannot listen");
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, lines = std::move(lines), closes] { serve(lines, closes); });
}

Impostor::~Impostor()
{
    ::shutdown(listener_, SHUT_RDWR); // where nobody came
    thread_.join();
    ::close(listener_);
}

Place Impostor::place() const
{
    return {
        .address = {.host = "127.0.0.1", .port = port_}
    };
}

void Impostor::serve(const std::vector<std::string>& lines, bool closes) const
{
    const int client = ::accept(listener_, nullptr, nullptr);
    std::array<char, 4096> room{};
    for (const auto& line : lines) {
        if (::recv(client, room.data(), room.size(), 0) <= 0) break;
        ::send(client, line.data(), line.size(), MSG_NOSIGNAL);
    }
    while (!closes && ::recv(client, room.data(), room.size(), 0) > 0) {
    }
    ::close(client);
}

} // namespace gatehouse::auth::redis
