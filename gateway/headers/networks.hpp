#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::gateway {

/// An IPv4 or IPv6 address without port or brackets.
[[nodiscard]] bool is_address(std::string_view text) noexcept;

/// Loopback, link-local, private or shared (RFC 1918, 4193, 6598): of somebody near.
[[nodiscard]] bool is_private_address(std::string_view text) noexcept;

/// The networks of `trusted_proxies`: only such a peer may say who the client was.
class Networks {
public:
    Networks() = default;
    /// CIDR texts that have been validated; one that does not parse contains nothing.
    explicit Networks(std::span<const std::string> cidrs);

    /// An address without port or brackets; `::ffff:192.0.2.1` is 192.0.2.1. Ask once for each
    /// connection.
    [[nodiscard]] bool contains(std::string_view address) const noexcept;

private:
    struct Network {
        std::array<std::uint8_t, 16> address{};
        unsigned prefix_bits = 0; // of the 128 bits; IPv4 is mapped
    };

    static std::optional<Network> parse(std::string_view cidr) noexcept;

    std::vector<Network> networks_;
};

} // namespace gatehouse::gateway
