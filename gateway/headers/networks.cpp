#include "gateway/headers/networks.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace gatehouse::gateway {
namespace {

using Address = std::array<std::uint8_t, 16>;
constexpr unsigned mapped_bits = 96; // an IPv4 address follows 96 bits of ::ffff:0:0

std::optional<Address> parse_address(std::string_view text) noexcept
{
    char terminated[INET6_ADDRSTRLEN] = {}; // inet_pton wants its end
    if (text.size() >= sizeof terminated) return {};
    std::ranges::copy(text, terminated);
    Address address{};
    if (inet_pton(AF_INET6, terminated, address.data()) == 1) return address;
    address[10] = address[11] = 0xff;
    if (inet_pton(AF_INET, terminated, address.data() + mapped_bits / 8) == 1) return address;
    return {};
}

bool same_bits(const Address& left, const Address& right, unsigned bits) noexcept
{
    const auto bytes = bits / 8;
    if (!std::equal(left.begin(), left.begin() + bytes, right.begin())) return false;
    const auto rest = bits % 8;
    return rest == 0 || ((left[bytes] ^ right[bytes]) >> (8 - rest)) == 0;
}

struct Near {
    Address network;
    unsigned bits;
};

constexpr Address v4(std::uint8_t first, std::uint8_t second) noexcept
{
    Address address{};
    address[10] = address[11] = 0xff;
    address[12] = first;
    address[13] = second;
    return address;
}

constexpr Address v6(std::uint8_t first, std::uint8_t second, std::uint8_t last) noexcept
{
    Address address{};
    address[0] = first;
    address[1] = second;
    address[15] = last;
    return address;
}

constexpr Near near[] = {
    {v4(10, 0), mapped_bits + 8},
    {v4(172, 16), mapped_bits + 12},
    {v4(192, 168), mapped_bits + 16},
    {v4(127, 0), mapped_bits + 8},
    {v4(169, 254), mapped_bits + 16},
    {v4(100, 64), mapped_bits + 10},
    {v6(0xfc, 0, 0), 7},
    {v6(0xfe, 0x80, 0), 10},
    {v6(0, 0, 1), 128},
};

} // namespace

bool is_private_address(std::string_view text) noexcept
{
    const auto address = parse_address(text);
    return address && std::ranges::any_of(near, [&](const Near& each) {
               return same_bits(each.network, *address, each.bits);
           });
}

bool is_address(std::string_view text) noexcept
{
    return parse_address(text).has_value();
}

Networks::Networks(std::span<const std::string> cidrs)
{
    for (const auto& cidr : cidrs) {
        if (const auto network = parse(cidr)) networks_.push_back(*network);
    }
}

std::optional<Networks::Network> Networks::parse(std::string_view cidr) noexcept
{
    const auto slash = cidr.find('/');
    const auto text = cidr.substr(0, slash);
    const auto address = parse_address(text);
    if (!address) return {};
    const bool v4 = text.find(':') == text.npos;
    const unsigned longest = v4 ? 32 : 128;
    unsigned bits = longest;
    if (slash != cidr.npos) {
        const auto digits = cidr.substr(slash + 1);
        const auto* end = digits.data() + digits.size();
        const auto read = std::from_chars(digits.data(), end, bits);
        if (read.ec != std::errc{} || read.ptr != end || bits > longest) return {};
    }
    return Network{*address, v4 ? bits + mapped_bits : bits};
}

bool Networks::contains(std::string_view address) const noexcept
{
    const auto parsed = parse_address(address);
    return parsed && std::ranges::any_of(networks_, [&](const Network& network) {
               return same_bits(network.address, *parsed, network.prefix_bits);
           });
}

} // namespace gatehouse::gateway
