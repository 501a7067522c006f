#include "gateway/net/proxy_protocol.hpp"

#include "config/basics/enforced.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <utility>

namespace gatehouse::gateway {
namespace {

using Read = Result<std::optional<ProxyHeader>, ProxyRefusal>;
using namespace std::string_view_literals;

constexpr auto text_signature = "PROXY "sv;
constexpr std::size_t longest_text =
    107; // with the end of the line: UNKNOWN and two full addresses

constexpr auto binary_signature = "\r\n\r\n\0\r\nQUIT\n"sv;
constexpr std::size_t binary_front = 16; // signature, version and command, family, length
constexpr unsigned local = 0x20;
constexpr unsigned proxied = 0x21;

std::uint8_t byte(std::string_view bytes, std::size_t at) noexcept
{
    return static_cast<std::uint8_t>(bytes[at]);
}

std::uint16_t two_bytes(std::string_view bytes, std::size_t at) noexcept
{
    return static_cast<std::uint16_t>(byte(bytes, at) << 8 | byte(bytes, at + 1));
}

/// A source as either version names it: `raw` holds the address in network order.
template <class Address>
SocketAddress ipv4(const Address& raw, std::uint16_t port) noexcept
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    std::memcpy(&address.sin_addr, &raw, sizeof address.sin_addr);
    return {reinterpret_cast<const sockaddr*>(&address), sizeof address};
}

template <class Address>
SocketAddress ipv6(const Address& raw, std::uint16_t port) noexcept
{
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(port);
    std::memcpy(&address.sin6_addr, &raw, sizeof address.sin6_addr);
    return {reinterpret_cast<const sockaddr*>(&address), sizeof address};
}

/// Version 1: one line of text.
class TextHeader {
public:
    explicit TextHeader(std::string_view line) noexcept : rest_(line) {}

    [[nodiscard]] Read read(std::size_t bytes) noexcept
    {
        const auto protocol = word();
        // What follows it says nothing, whatever it is.
        if (protocol == "UNKNOWN") return ProxyHeader{bytes, {}};
        const bool v4 = protocol == "TCP4";
        if (!v4 && protocol != "TCP6") return ProxyRefusal::malformed;
        const int family = v4 ? AF_INET : AF_INET6;
        const auto source = address(family);
        const auto destination = address(family);
        const auto from = port();
        const auto to = port();
        if (!source || !destination || !from || !to || !ended_) return ProxyRefusal::malformed;
        return ProxyHeader{bytes, v4 ? ipv4(*source, *from) : ipv6(*source, *from)};
    }

private:
    /// Up to the next space; one alone stands between two words.
    std::string_view word() noexcept
    {
        if (ended_) return {};
        const auto space = rest_.find(' ');
        const auto taken = rest_.substr(0, space);
        ended_ = space == rest_.npos;
        rest_ = ended_ ? std::string_view() : rest_.substr(space + 1);
        return taken;
    }

    std::optional<in6_addr> address(int family) noexcept
    {
        const auto text = word();
        std::array<char, INET6_ADDRSTRLEN> terminated{}; // inet_pton wants its end
        if (text.size() >= terminated.size()) return std::nullopt;
        std::ranges::copy(text, terminated.begin());
        in6_addr address{};
        if (inet_pton(family, terminated.data(), &address) != 1) return std::nullopt;
        return address;
    }

    std::optional<std::uint16_t> port() noexcept
    {
        const auto text = word();
        std::uint16_t number = 0;
        const auto* end = text.data() + text.size();
        const auto [stopped, error] = std::from_chars(text.data(), end, number);
        const bool plain = text.size() == 1 || !text.starts_with('0');
        if (error != std::errc{} || stopped != end || !plain) return std::nullopt;
        return number;
    }

    std::string_view rest_;
    bool ended_ = false;
};

bool is_printable(char c) noexcept
{
    return c >= ' ' && c <= '~';
}

Read read_text(std::string_view arrived) noexcept
{
    const auto whole = arrived.substr(0, longest_text);
    const auto line = whole.substr(
        0, static_cast<std::size_t>(std::ranges::find_if_not(whole, is_printable) - whole.begin()));
    const auto end = whole.substr(line.size());
    if (end.starts_with("\r\n"))
        return TextHeader(line.substr(text_signature.size())).read(line.size() + 2);
    if (!"\r\n"sv.starts_with(end)) return ProxyRefusal::malformed;
    if (whole.size() == longest_text) return ProxyRefusal::too_long;
    return std::optional<ProxyHeader>();
}

/// The polynomial of Castagnoli, reflected.  RFC 3720, 12.1
constexpr auto crc_table = [] {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < table.size(); ++i) {
        auto value = i;
        for (int bit = 0; bit < 8; ++bit) value = value >> 1 ^ ((value & 1) != 0 ? 0x82F63B78U : 0);
        table[i] = value;
    }
    return table;
}();

/// Of all bytes, but with zeroes in the place of those four that say what it should be.
std::uint32_t crc32c(std::string_view bytes, std::size_t place) noexcept
{
    std::uint32_t crc = ~0U;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const std::uint32_t next = i >= place && i < place + 4 ? 0U : byte(bytes, i);
        crc = crc >> 8 ^ crc_table[(crc ^ next) & 0xff];
    }
    return ~crc;
}

constexpr unsigned checksum_type = 0x03;
constexpr std::size_t checksum_bytes = 4;

/// What comes behind the addresses: types, lengths and values. Only the checksum means something
/// here. `at`: where they begin in `header`, which ends with them.
Result<void, ProxyRefusal> check_additions(std::string_view header, std::size_t at) noexcept
{
    constexpr std::size_t front = 3;
    bool checked = false;
    while (at < header.size()) {
        if (header.size() - at < front) return ProxyRefusal::malformed;
        const auto type = byte(header, at);
        const auto length = two_bytes(header, at + 1);
        at += front;
        if (header.size() - at < length) return ProxyRefusal::malformed;
        if (type == checksum_type) {
            if (std::exchange(checked, true) || length != checksum_bytes)
                return ProxyRefusal::malformed;
            const auto told =
                std::uint32_t{two_bytes(header, at)} << 16 | two_bytes(header, at + 2);
            if (enforced("proxy_protocol.checksum") && told != crc32c(header, at))
                return ProxyRefusal::checksum;
        }
        at += length;
    }
    return {};
}

/// Families and transports that the protocol knows; the addresses of each take so many bytes.
std::optional<std::size_t> address_bytes(unsigned family) noexcept
{
    switch (family) {
    case 0x00:
        return 0;
    case 0x11:
    case 0x12:
        return 2 * (sizeof(in_addr) + 2);
    case 0x21:
    case 0x22:
        return 2 * (sizeof(in6_addr) + 2);
    case 0x31:
    case 0x32:
        return 2 * 108;
    default:
        return std::nullopt;
    }
}

/// The source stands first, and both ports behind both addresses.
std::optional<SocketAddress> source_in(std::string_view addresses, unsigned family) noexcept
{
    if (family >> 4 == 1) {
        in_addr raw{};
        std::memcpy(&raw, addresses.data(), sizeof raw);
        return ipv4(raw, two_bytes(addresses, 2 * sizeof raw));
    }
    if (family >> 4 == 2) {
        in6_addr raw{};
        std::memcpy(&raw, addresses.data(), sizeof raw);
        return ipv6(raw, two_bytes(addresses, 2 * sizeof raw));
    }
    return std::nullopt;
}

Read read_binary(std::string_view arrived) noexcept
{
    const auto size = arrived.size();
    if (size <= binary_signature.size()) return std::optional<ProxyHeader>();
    const auto command = byte(arrived, 12);
    if (command != local && command != proxied) return ProxyRefusal::malformed;
    if (size < binary_front) return std::optional<ProxyHeader>();
    const unsigned family = byte(arrived, 13);
    const std::size_t length = two_bytes(arrived, 14);
    const auto addresses = address_bytes(family);
    // LOCAL says nothing, whatever stands behind it.
    const bool may_be = command == local || (addresses && *addresses <= length);
    if (!may_be) return ProxyRefusal::malformed;
    const auto whole = binary_front + length;
    if (whole > longest_proxy_header) return ProxyRefusal::too_long;
    if (size < whole) return std::optional<ProxyHeader>();
    if (command == local) return ProxyHeader{whole, {}};
    const auto header = arrived.substr(0, whole);
    const auto additions = check_additions(header, binary_front + *addresses);
    if (!additions) return additions.error();
    return ProxyHeader{whole, source_in(header.substr(binary_front), family)};
}

/// Whether one is the beginning of the other.
bool agree(std::string_view arrived, std::string_view signature) noexcept
{
    return arrived.starts_with(signature.substr(0, arrived.size()));
}

} // namespace

std::string_view to_string(ProxyRefusal why) noexcept
{
    switch (why) {
    case ProxyRefusal::missing:
        return "missing";
    case ProxyRefusal::malformed:
        return "malformed";
    case ProxyRefusal::too_long:
        return "too_long";
    case ProxyRefusal::checksum:
        return "checksum";
    case ProxyRefusal::untrusted:
        return "untrusted";
    case ProxyRefusal::late:
        return "late";
    }
    return "?";
}

std::ostream& operator<<(std::ostream& out, ProxyRefusal why)
{
    return out << to_string(why);
}

Read read_proxy_header(std::string_view arrived) noexcept
{
    if (arrived.empty()) return std::optional<ProxyHeader>();
    if (agree(arrived, binary_signature)) return read_binary(arrived);
    if (!agree(arrived, text_signature)) return ProxyRefusal::missing;
    if (arrived.size() < text_signature.size()) return std::optional<ProxyHeader>();
    return read_text(arrived);
}

} // namespace gatehouse::gateway
