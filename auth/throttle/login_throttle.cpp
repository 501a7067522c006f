#include "auth/throttle/login_throttle.hpp"

#include "auth/throttle/own_attempts.hpp"
#include "auth/throttle/shared_attempts.hpp"
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
NotAdmitted too_many(std::chrono::milliseconds wait)
{
    return {std::chrono::ceil<std::chrono::seconds>(std::max(wait, 1ms))};
}

} // namespace

LoginThrottle::LoginThrottle(std::unique_ptr<Attempts> attempts, const Secret& fingerprint_key)
    : attempts_(std::move(attempts))
{
    const auto bytes = fingerprint_key.reveal();
    std::copy_n(bytes.begin(), std::min(bytes.size(), key_.size()), key_.begin());
}

LoginThrottle::LoginThrottle(const config::ThrottleSettings& settings, const Clock& clock)
    : LoginThrottle(std::make_unique<OwnAttempts>(settings, clock), new_fingerprint_key())
{
}

LoginThrottle::LoginThrottle(const config::ThrottleSettings& settings, SharedStates& states,
                             const Secret& fingerprint_key)
    : LoginThrottle(std::make_unique<SharedAttempts>(settings, states), fingerprint_key)
{
}

Secret LoginThrottle::new_fingerprint_key()
{
    if (sodium_init() < 0) std::abort(); // no random numbers: nothing here could be trusted
    std::string bytes(fingerprint_key_bytes, '\0');
    randombytes_buf(bytes.data(), bytes.size());
    return Secret(std::move(bytes));
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

Result<LoginSlot, NotAdmitted> LoginThrottle::take_login(std::string_view account,
                                                         std::string_view address,
                                                         const std::optional<std::string>& device)
{
    const auto from = throttle_address(address);
    LoginKeys keys{fingerprint('p', account, from), fingerprint('a', account),
                   fingerprint('i', from)};
    if (device) keys.device = fingerprint('d', account, *device);
    return take(keys);
}

Result<LoginSlot, NotAdmitted> LoginThrottle::take(const LoginKeys& keys)
{
    const auto answer = attempts_->take(keys);
    if (enforced("throttle.counted_login") && !answer) return NotAdmitted{};
    const auto taken = answer ? *answer : Attempts::Taken{};
    if (taken.wait > 0ms) return too_many(taken.wait);
    return LoginSlot{keys, taken.at};
}

void LoginThrottle::succeeded(const LoginSlot& slot)
{
    attempts_->give_back(slot.keys, slot.taken, Attempts::Why::right_password);
}

void LoginThrottle::give_back(const LoginSlot& slot)
{
    attempts_->give_back(slot.keys, slot.taken, Attempts::Why::not_judged);
}

Result<void, NotAdmitted> LoginThrottle::take_registration(std::string_view address)
{
    const auto wait = attempts_->take_registration(fingerprint('r', throttle_address(address)));
    if (enforced("throttle.counted_registration") && !wait) return NotAdmitted{};
    if (wait && *wait > 0ms) return too_many(*wait);
    return {};
}

Result<void, NotAdmitted> LoginThrottle::take_passkey_options(std::string_view address)
{
    const auto wait = attempts_->take_passkey_options(fingerprint('o', throttle_address(address)));
    if (enforced("throttle.counted_passkey_options") && !wait) return NotAdmitted{};
    if (wait && *wait > 0ms) return too_many(*wait);
    return {};
}

Result<LoginSlot, NotAdmitted> LoginThrottle::take_passkey(std::string_view credential_id,
                                                           std::string_view address)
{
    const auto from = throttle_address(address);
    return take(LoginKeys{fingerprint('k', credential_id, from),
                          fingerprint('c', credential_id, from), fingerprint('i', from)});
}

Result<void, NotAdmitted> LoginThrottle::take_mail_from(std::string_view address)
{
    return take_mail(Attempts::MailCount::address, fingerprint('m', throttle_address(address)));
}

Result<void, NotAdmitted> LoginThrottle::take_mail_to(std::string_view user_id,
                                                      std::string_view kind)
{
    return take_mail(Attempts::MailCount::account, fingerprint('n', user_id, kind));
}

Result<void, NotAdmitted> LoginThrottle::take_mail(Attempts::MailCount count, std::uint64_t key)
{
    const auto wait = attempts_->take_mail(count, key);
    if (enforced("throttle.counted_mail") && !wait) return NotAdmitted{};
    if (wait && *wait > 0ms) return too_many(*wait);
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
