#include "gateway/net/address.hpp"

#include <fmt/format.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace gatehouse::gateway {

std::optional<HostPort> parse_host_port(std::string_view text)
{
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    auto host = text.substr(0, colon);
    const auto digits = text.substr(colon + 1);
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;

    const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (bracketed) host = host.substr(1, host.size() - 2);
    // Without brackets nobody can tell the address's colons from the port's.
    if (host.empty() || (!bracketed && host.find(':') != std::string_view::npos)) {
        return std::nullopt;
    }
    return HostPort{std::string(host), port};
}

SocketAddress::SocketAddress(const sockaddr* address, socklen_t size) noexcept
    : size_(std::min(size, static_cast<socklen_t>(bytes_.size())))
{
    std::memcpy(bytes_.data(), address, size_);
}

std::optional<SocketAddress> SocketAddress::parse(const std::string& host,
                                                  std::uint16_t port) noexcept
{
    sockaddr_in v4{};
    if (inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1) {
        v4.sin_family = AF_INET;
        v4.sin_port = htons(port);
        return SocketAddress(reinterpret_cast<const sockaddr*>(&v4), sizeof v4);
    }
    sockaddr_in6 v6{};
    if (inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) == 1) {
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(port);
        return SocketAddress(reinterpret_cast<const sockaddr*>(&v6), sizeof v6);
    }
    return std::nullopt;
}

std::optional<SocketAddress> SocketAddress::of_socket(int fd) noexcept
{
    sockaddr_storage storage{};
    auto* raw = reinterpret_cast<sockaddr*>(&storage);
    socklen_t size = sizeof storage;
    if (::getsockname(fd, raw, &size) != 0) return std::nullopt;
    return SocketAddress(raw, size);
}

const sockaddr* SocketAddress::get() const noexcept
{
    return reinterpret_cast<const sockaddr*>(bytes_.data());
}

std::uint16_t SocketAddress::port() const noexcept
{
    // The port stands at the same place in both families.
    sockaddr_in v4{};
    std::memcpy(&v4, bytes_.data(), sizeof v4);
    return ntohs(v4.sin_port);
}

bool SocketAddress::is_loopback() const noexcept
{
    if (family() == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, get(), sizeof v4);
        return ntohl(v4.sin_addr.s_addr) >> IN_CLASSA_NSHIFT == IN_LOOPBACKNET;
    }
    if (family() != AF_INET6) return false;
    sockaddr_in6 v6{};
    std::memcpy(&v6, get(), sizeof v6);
    constexpr std::size_t first_of_v4 = 12; // ::ffff:127.0.0.0/104
    return IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr) ||
           (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr) &&
            v6.sin6_addr.s6_addr[first_of_v4] == IN_LOOPBACKNET);
}

bool SocketAddress::is_host_of(const SocketAddress& other) const noexcept
{
    if (family() != other.family()) return false;
    if (family() == AF_INET) {
        sockaddr_in mine{};
        sockaddr_in theirs{};
        std::memcpy(&mine, get(), sizeof mine);
        std::memcpy(&theirs, other.get(), sizeof theirs);
        return mine.sin_addr.s_addr == theirs.sin_addr.s_addr;
    }
    sockaddr_in6 mine{};
    sockaddr_in6 theirs{};
    std::memcpy(&mine, get(), sizeof mine);
    std::memcpy(&theirs, other.get(), sizeof theirs);
    return mine.sin6_scope_id == theirs.sin6_scope_id &&
           std::memcmp(&mine.sin6_addr, &theirs.sin6_addr, sizeof mine.sin6_addr) == 0;
}

AddressText::AddressText(const SocketAddress& address) noexcept
{
    if (address.family() == AF_UNIX) return;
    const auto* raw = static_cast<const void*>(address.get());
    if (address.family() == AF_INET) {
        const auto* v4 = static_cast<const sockaddr_in*>(raw);
        inet_ntop(AF_INET, &v4->sin_addr, text_.data(), static_cast<socklen_t>(text_.size()));
    } else {
        const auto& v6 = static_cast<const sockaddr_in6*>(raw)->sin6_addr;
        if (IN6_IS_ADDR_V4MAPPED(&v6)) {
            inet_ntop(AF_INET, &v6.s6_addr[12], text_.data(), static_cast<socklen_t>(text_.size()));
        } else {
            inet_ntop(AF_INET6, &v6, text_.data(), static_cast<socklen_t>(text_.size()));
        }
    }
    size_ = static_cast<std::uint8_t>(std::strlen(text_.data()));
}

AddressText AddressText::of_unix_user(uid_t user) noexcept
{
    constexpr std::string_view front = "unix:uid=";
    AddressText address;
    auto* const number = std::ranges::copy(front, address.text_.begin()).out;
    auto* const end = address.text_.data() + address.text_.size();
    address.size_ =
        static_cast<std::uint8_t>(std::to_chars(number, end, user).ptr - address.text_.data());
    return address;
}

std::string to_string(const SocketAddress& address)
{
    const AddressText host(address);
    const bool brackets = host.view().find(':') != std::string_view::npos;
    return fmt::format("{}{}{}:{}", brackets ? "[" : "", host.view(), brackets ? "]" : "",
                       address.port());
}

} // namespace gatehouse::gateway
