#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::gateway {

/// `host:port` taken apart; `host` without the brackets of an IPv6 address.
struct HostPort {
    std::string host;
    std::uint16_t port = 0;
};

/// "127.0.0.1:8080", "[::1]:80", "localhost:3000". Nothing without a port, or with a bad one.
[[nodiscard]] std::optional<HostPort> parse_host_port(std::string_view text);

/// An IPv4 or IPv6 address and port as the kernel wants it.
class SocketAddress {
public:
    SocketAddress() = default;
    SocketAddress(const sockaddr* address, socklen_t size) noexcept;

    /// A numeric address; names have to be resolved first.
    [[nodiscard]] static std::optional<SocketAddress> parse(const std::string& host,
                                                            std::uint16_t port) noexcept;

    /// What a socket is bound to; errno says why there is nothing.
    [[nodiscard]] static std::optional<SocketAddress> of_socket(int fd) noexcept;

    [[nodiscard]] const sockaddr* get() const noexcept;

    [[nodiscard]] socklen_t size() const noexcept { return size_; }

    [[nodiscard]] int family() const noexcept { return get()->sa_family; }

    [[nodiscard]] std::uint16_t port() const noexcept;

    /// Of this machine alone: 127.0.0.0/8, ::1.
    [[nodiscard]] bool is_loopback() const noexcept;

    /// The same address, whatever the ports: 0.0.0.0 is neither 127.0.0.1 nor [::].
    [[nodiscard]] bool is_host_of(const SocketAddress& other) const noexcept;

private:
    alignas(8) std::array<unsigned char, 28> bytes_{}; // sockaddr_in6
    socklen_t size_ = 0;
};

/// The address without port, in place: for logs and X-Forwarded-For. An IPv4 address that came in
/// over an IPv6 socket is written as IPv4.
class AddressText {
public:
    AddressText() = default;
    explicit AddressText(const SocketAddress& address) noexcept;
    /// Of a unix socket, which has no address: "unix:uid=1000".
    [[nodiscard]] static AddressText of_unix_user(uid_t user) noexcept;

    [[nodiscard]] std::string_view view() const noexcept { return {text_.data(), size_}; }

private:
    std::array<char, 46> text_{}; // INET6_ADDRSTRLEN
    std::uint8_t size_ = 0;
};

/// "127.0.0.1:8080", "[::1]:80".
[[nodiscard]] std::string to_string(const SocketAddress& address);

} // namespace gatehouse::gateway
