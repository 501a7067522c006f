#include "gateway/http/authority.hpp"

#include "config/basics/sixteen.hpp"
#include "gateway/http/field_syntax.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

namespace gatehouse::gateway {
namespace {

constexpr std::size_t longest_name = 255; // RFC 1035, 2.3.4

constexpr auto name_chars = [] {
    std::array<bool, 256> chars{};
    for (unsigned c = 0; c < 0x80; ++c) chars[c] = is_alphanumeric(static_cast<char>(c));
    for (const char c : {'-', '.', '_', '~'}) chars[static_cast<unsigned char>(c)] = true;
    return chars;
}();

bool is_name(std::string_view host) noexcept
{
    if (host.empty() || host.size() > longest_name) return false;
    return all_bytes(
        host,
        [](Sixteen bytes) {
            return bytes.letters() | bytes.between('0', '9') | bytes.between('-', '.') |
                   bytes.is('_') | bytes.is('~');
        },
        [](char c) { return name_chars[static_cast<unsigned char>(c)]; });
}

bool is_ipv6(std::string_view address) noexcept
{
    std::array<char, INET6_ADDRSTRLEN> text{}; // the longest address and a NUL
    if (address.size() >= text.size()) return false;
    std::copy(address.begin(), address.end(), text.begin());
    in6_addr parsed{};
    return ::inet_pton(AF_INET6, text.data(), &parsed) == 1;
}

bool is_port(std::string_view digits) noexcept
{
    std::uint16_t port = 0;
    const auto* const end = digits.data() + digits.size();
    const auto [last, error] = std::from_chars(digits.data(), end, port);
    return error == std::errc() && last == end && port != 0;
}

} // namespace

bool is_authority(std::string_view text) noexcept
{
    const bool bracketed = text.starts_with('[');
    const auto host_end = bracketed ? text.find(']') : text.find(':');
    if (bracketed && host_end == std::string_view::npos) return false;

    const auto host = bracketed ? text.substr(1, host_end - 1) : text.substr(0, host_end);
    const bool good_host = bracketed ? is_ipv6(host) : is_name(host);
    const auto rest = text.substr(std::min(host_end, text.size()) + (bracketed ? 1 : 0));
    return good_host && (rest.empty() || (rest.front() == ':' && is_port(rest.substr(1))));
}

} // namespace gatehouse::gateway
