#include "auth/secondfactor/totp.hpp"

#include "auth/secondfactor/base32.hpp"
#include "config/basics/enforced.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>

#include <array>
#include <cstdlib>

namespace gatehouse::auth {
namespace {

constexpr TotpStep steps_around = 1; // RFC 6238, 5.2: one is what it recommends

bool is_unreserved(char c) noexcept
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

/// RFC 3986, 2.1. Blanks as %20: some apps show a plus as a plus.
std::string escaped(std::string_view text)
{
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (const char each : text) {
        if (is_unreserved(each)) {
            out += each;
            continue;
        }
        const auto byte = static_cast<unsigned char>(each);
        out += '%';
        out += digits[byte >> 4U];
        out += digits[byte & 15U];
    }
    return out;
}

bool is_same(std::string_view one, std::string_view other) noexcept
{
    return one.size() == other.size() && CRYPTO_memcmp(one.data(), other.data(), one.size()) == 0;
}

} // namespace

Secret new_totp_secret()
{
    if (sodium_init() < 0) std::abort(); // no random numbers: no secret
    std::string bytes(totp_secret_bytes, '\0');
    ::randombytes_buf(bytes.data(), bytes.size());
    return Secret(std::move(bytes));
}

std::string hotp(const Secret& secret, std::uint64_t counter, std::size_t digits)
{
    std::array<unsigned char, 8> message{};
    for (std::size_t i = 0; i < message.size(); ++i) {
        message.at(i) = static_cast<unsigned char>(counter >> (8 * (message.size() - 1 - i)));
    }
    std::array<unsigned char, 20> mac{};
    unsigned size = 0;
    const auto key = secret.reveal();
    if (HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()), message.data(), message.size(),
             mac.data(), &size) == nullptr ||
        size != mac.size()) {
        std::abort(); // out of memory
    }
    const std::size_t at = mac.back() & 15U;
    const std::uint32_t number =
        (mac.at(at) & 0x7FU) << 24U | mac.at(at + 1) << 16U | mac.at(at + 2) << 8U | mac.at(at + 3);
    std::string code(digits, '0');
    auto rest = number;
    for (auto digit = code.rbegin(); digit != code.rend(); ++digit, rest /= 10) {
        *digit = static_cast<char>('0' + rest % 10);
    }
    return code;
}

TotpStep totp_step(Seconds now) noexcept
{
    return now.time_since_epoch() / totp_period;
}

std::optional<TotpStep> judge_totp(const Secret& secret, std::string_view code, Seconds now,
                                   TotpStep last_used)
{
    // All are looked at whatever they say: the time does not tell how far off a clock is.
    std::optional<TotpStep> found;
    const auto current = totp_step(now);
    for (auto step = current - steps_around; step <= current + steps_around; ++step) {
        if (step < 0) continue;
        const bool same = is_same(hotp(secret, static_cast<std::uint64_t>(step)), code);
        const bool is_new = step > last_used || !enforced("totp.used_once");
        if (same && is_new) found = step;
    }
    if (!found && !enforced("totp.code")) found = current;
    return found;
}

Secret totp_uri(const Secret& secret, std::string_view issuer, std::string_view account)
{
    // The issuer stands twice: old apps know the label only. A colon in a name is escaped too.
    std::string uri = "otpauth://totp/";
    uri += escaped(issuer) + ':' + escaped(account);
    uri += "?secret=" + encode_base32(secret.reveal());
    uri += "&issuer=" + escaped(issuer);
    uri += "&algorithm=SHA1&digits=6&period=30";
    return Secret(std::move(uri));
}

} // namespace gatehouse::auth
