#include "gateway/headers/client.hpp"

#include "config/basics/enforced.hpp"
#include "gateway/http/field_syntax.hpp"

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

/// `192.0.2.1:80` and `[2001:db8::1]:80`, as some proxies write them, without the port.
std::string_view without_port(std::string_view entry) noexcept
{
    const auto bracket = entry.find(']');
    if (entry.starts_with('[') && bracket != entry.npos) return entry.substr(1, bracket - 1);
    const auto colon = entry.find(':');
    const bool one_colon = colon != entry.npos && entry.find(':', colon + 1) == entry.npos;
    return one_colon ? entry.substr(0, colon) : entry;
}

/// Takes the last member off a comma-separated list, without the white space around it.
std::string_view take_last(std::string_view& list) noexcept
{
    const auto comma = list.rfind(',');
    const auto member = comma == list.npos ? list : list.substr(comma + 1);
    list = list.substr(0, comma == list.npos ? 0 : comma);
    return trimmed(member);
}

/// Walks X-Forwarded-For from its end: each trusted hop vouches for the entry before it.
std::string_view first_stranger(const RequestHead& head, std::string_view peer_address,
                                const Networks& trusted) noexcept
{
    auto believed = peer_address;
    for (auto field = head.fields.rbegin(); field != head.fields.rend(); ++field) {
        if (!equal_ignoring_case(field->name, "x-forwarded-for")) continue;
        for (auto list = field->value; !list.empty();) {
            const auto entry = take_last(list);
            if (entry.empty()) continue;
            const auto address = without_port(entry);
            if (!parse_address(address)) return believed;
            believed = address;
            if (enforced("client.stops_at_stranger") && !trusted.contains(address)) return believed;
        }
    }
    return believed;
}

bool says_https(const RequestHead& head) noexcept
{
    const auto proto = std::ranges::find_if(head.fields, [](const Field& field) {
        return equal_ignoring_case(field.name, "x-forwarded-proto");
    });
    return proto != head.fields.end() && equal_ignoring_case(proto->value, "https");
}

} // namespace

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

Client client_of(const RequestHead& head, std::string_view peer_address, bool peer_trusted,
                 bool tls, const Networks& trusted) noexcept
{
    // Anybody can write X-Forwarded-*; it says something only when a proxy of ours sends it.
    if (enforced("client.trusted_peer_only") && !peer_trusted) return {peer_address, tls};
    return {first_stranger(head, peer_address, trusted), tls || says_https(head)};
}

} // namespace gatehouse::gateway
