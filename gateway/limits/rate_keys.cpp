#include "gateway/limits/rate_keys.hpp"

#include <sodium.h>

#include <arpa/inet.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace gatehouse::gateway {

static_assert(crypto_shorthash_KEYBYTES == RateKeys::key_bytes);
static_assert(crypto_shorthash_BYTES == sizeof(std::uint64_t));

namespace {

constexpr char address_kind = 'a';
constexpr std::size_t network_bytes = 8; // of an IPv6 address: a /64

} // namespace

RateKeys::RateKeys()
{
    if (sodium_init() < 0) std::abort(); // no random numbers: nothing here could be trusted
    randombytes_buf(key_.data(), key_.size());
}

RateKeys::RateKeys(const Secret& key)
{
    const auto bytes = key.reveal();
    std::copy_n(bytes.begin(), std::min(bytes.size(), key_.size()), key_.begin());
}

std::uint64_t RateKeys::hash(const void* bytes, std::size_t size) const noexcept
{
    std::uint64_t number = 0;
    crypto_shorthash(reinterpret_cast<unsigned char*>(&number),
                     static_cast<const unsigned char*>(bytes), size, key_.data());
    return number;
}

std::uint64_t RateKeys::of(char kind, std::string_view text) const noexcept
{
    // The text with a hash of its own, so that no kind and text look like another two.
    const std::array<std::uint64_t, 2> parts{static_cast<std::uint64_t>(kind),
                                             hash(text.data(), text.size())};
    return hash(parts.data(), sizeof parts);
}

std::uint64_t RateKeys::of_address(std::string_view address) const noexcept
{
    const auto text = address.substr(0, address.find('%')); // without an interface: fe80::1%eth0
    std::array<char, INET6_ADDRSTRLEN> terminated{};        // inet_pton wants its end
    if (text.size() >= terminated.size()) return of(address_kind, text);
    std::ranges::copy(text, terminated.begin());
    in6_addr v6{};
    in_addr v4{};
    if (inet_pton(AF_INET, terminated.data(), &v4) == 1) {
        return of(address_kind, {reinterpret_cast<const char*>(&v4), sizeof v4});
    }
    if (inet_pton(AF_INET6, terminated.data(), &v6) != 1) return of(address_kind, text);
    const auto* const bytes = reinterpret_cast<const char*>(&v6);
    if (IN6_IS_ADDR_V4MAPPED(&v6)) return of(address_kind, {bytes + 12, sizeof v4});
    return of(address_kind, {bytes, network_bytes});
}

} // namespace gatehouse::gateway
