#include "auth/throttle/login_throttle.hpp"

#include "config/basics/enforced.hpp"

#include <sodium.h>

#include <arpa/inet.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace gatehouse::auth {

using namespace std::chrono_literals;

namespace {

/// Whole seconds for Retry-After: never 0, never too early.
TooManyAttempts try_again_after(std::chrono::milliseconds wait)
{
    return TooManyAttempts(std::chrono::ceil<std::chrono::seconds>(std::max(wait, 1ms)));
}

} // namespace

LoginThrottle::LoginThrottle(const config::ThrottleSettings& settings)
    : pair_limit_(settings.pair_free, settings.pair_first_wait, settings.pair_longest_wait),
      account_limit_(settings.account_per_hour, 1h),
      address_limit_(settings.address_per_10_minutes, 10min),
      registration_limit_(settings.registrations_per_minute, settings.registration_burst)
{
    if (sodium_init() < 0) std::abort(); // no random numbers: nothing here could be trusted
    randombytes_buf(key_.data(), key_.size());
}

std::uint64_t LoginThrottle::fingerprint(char kind, std::string_view first,
                                         std::string_view second) const noexcept
{
    // Each part goes in with a hash of its own, so that no pair of texts looks like another pair.
    const auto hash = [this](const void* bytes, std::size_t size) {
        std::array<unsigned char, crypto_shorthash_BYTES> out{};
        crypto_shorthash(out.data(), static_cast<const unsigned char*>(bytes), size, key_.data());
        std::uint64_t number = 0;
        std::memcpy(&number, out.data(), sizeof number);
        return number;
    };
    static_assert(crypto_shorthash_KEYBYTES == sizeof key_);
    const std::array<std::uint64_t, 3> parts{static_cast<std::uint64_t>(kind),
                                             hash(first.data(), first.size()),
                                             hash(second.data(), second.size())};
    return hash(parts.data(), sizeof parts);
}

Result<LoginSlot, TooManyAttempts> LoginThrottle::take_login(std::string_view account,
                                                             std::string_view address, Millis now)
{
    const auto from = throttle_address(address);
    const LoginSlot slot{fingerprint('p', account, from), fingerprint('a', account),
                         fingerprint('i', from), now};
    const std::lock_guard lock(mutex_);
    auto& by_pair = pairs_.at(slot.pair, now, pair_limit_);
    auto& by_account = accounts_.at(slot.account, now, account_limit_);
    auto& by_address = addresses_.at(slot.address, now, address_limit_);
    auto wait = 0ms;
    if (enforced("throttle.pair")) wait = std::max(wait, pair_limit_.wait(by_pair, now));
    if (enforced("throttle.account")) wait = std::max(wait, account_limit_.wait(by_account, now));
    if (enforced("throttle.address")) wait = std::max(wait, address_limit_.wait(by_address, now));
    if (wait > 0ms) return try_again_after(wait);
    pair_limit_.take(by_pair, now);
    account_limit_.take(by_account, now);
    address_limit_.take(by_address, now);
    return slot;
}

void LoginThrottle::succeeded(const LoginSlot& slot)
{
    give_back(slot);
    const std::lock_guard lock(mutex_);
    if (auto* pair = pairs_.state_of(slot.pair)) pair_limit_.start_afresh(*pair);
}

void LoginThrottle::give_back(const LoginSlot& slot)
{
    const std::lock_guard lock(mutex_);
    if (auto* pair = pairs_.state_of(slot.pair)) pair_limit_.give_back(*pair);
    if (auto* account = accounts_.state_of(slot.account)) {
        account_limit_.give_back(*account, slot.taken);
    }
    if (auto* address = addresses_.state_of(slot.address)) {
        address_limit_.give_back(*address, slot.taken);
    }
}

Result<void, TooManyAttempts> LoginThrottle::take_registration(std::string_view address, Millis now)
{
    const auto key = fingerprint('r', throttle_address(address));
    const std::lock_guard lock(mutex_);
    auto& state = registrations_.at(key, now, registration_limit_);
    const auto wait = registration_limit_.wait(state, now);
    if (enforced("throttle.registrations") && wait > 0ms) return try_again_after(wait);
    registration_limit_.take(state, now);
    return {};
}

std::string throttle_address(std::string_view address)
{
    std::string text(address.substr(0, address.find('%'))); // without an interface: fe80::1%eth0
    in6_addr v6{};
    if (inet_pton(AF_INET6, text.c_str(), &v6) != 1) return std::string(address);
    std::array<char, INET6_ADDRSTRLEN> out{};
    if (IN6_IS_ADDR_V4MAPPED(&v6)) {
        inet_ntop(AF_INET, &v6.s6_addr[12], out.data(), out.size());
        return out.data();
    }
    std::fill(v6.s6_addr + 8, v6.s6_addr + 16, std::uint8_t{0});
    inet_ntop(AF_INET6, &v6, out.data(), out.size());
    return std::string(out.data()) + "/64";
}

} // namespace gatehouse::auth
