#pragma once

#include "config/basics/secret.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gatehouse::gateway {

/// Makes fingerprints of whom requests are counted by. Keyed (SipHash): nobody outside can find two
/// that meet, and no table of them tells whom it is about.
class RateKeys {
public:
    static constexpr std::size_t key_bytes = 16;

    /// A random key: fingerprints of this process.
    RateKeys();
    /// Of everybody who has this key of `key_bytes`.
    explicit RateKeys(const Secret& key);

    /// `kind` tells apart what has the same text: a user and a header.
    [[nodiscard]] std::uint64_t of(char kind, std::string_view text) const noexcept;

    /// Of a client's address, in whatever form it was written: IPv6 by its /64, for that is what
    /// one customer gets; an IPv4 address in IPv6 is IPv4.
    [[nodiscard]] std::uint64_t of_address(std::string_view address) const noexcept;

private:
    [[nodiscard]] std::uint64_t hash(const void* bytes, std::size_t size) const noexcept;

    std::array<unsigned char, key_bytes> key_{};
};

} // namespace gatehouse::gateway
