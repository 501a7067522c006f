#pragma once

#include "config/settings/terms.hpp"

#include <chrono>
#include <cstdint>
#include <string_view>

namespace gatehouse::config {

enum class PasswordHash { argon2id, bcrypt };

constexpr auto words(PasswordHash)
{
    using enum PasswordHash;
    return std::array{
        Word{"argon2id", argon2id},
        Word{"bcrypt",   bcrypt  }
    };
}

/// YAML: `passwords`.
struct PasswordSettings {
    PasswordHash hash = PasswordHash::argon2id;
    std::uint64_t argon2_memory_bytes = 19 * MiB; // OWASP: 19 MiB with 2 passes, 1 lane
    std::uint32_t argon2_passes = 2;
    std::uint32_t bcrypt_cost = 12;
    std::uint32_t min_length = 8;
    std::uint32_t max_length = 256;
    std::uint32_t min_strength = 0;
    std::uint32_t threads = 0;
    std::uint64_t memory_bytes = 256 * MiB;
    std::uint32_t queue = 256;
    std::chrono::milliseconds deadline = 5s;

    template <class Table>
    static void describe(Table& table)
    {
        using Self = PasswordSettings;
        table.key("hash", &Self::hash, AsTyped{},
                  "How new passwords are hashed; hashes of both kinds are always verified.");
        table.key("argon2_memory", &Self::argon2_memory_bytes, bytes(8 * MiB, GiB),
                  "Memory of one Argon2id hash.");
        table.key("argon2_passes", &Self::argon2_passes, count(1, 20),
                  "Passes of one Argon2id hash.");
        table.key("bcrypt_cost", &Self::bcrypt_cost, count(10, 16), "Cost of one bcrypt hash.");
        table.key("min_length", &Self::min_length, count(8, 256),
                  "Fewest characters of a new password.");
        table.key("max_length", &Self::max_length, count(64, 1024),
                  "Most characters of a new password.");
        table.key("min_strength", &Self::min_strength, count(0, 4),
                  "Least score of a new password by zxcvbn: 1 keeps out what falls to a thousand "
                  "guesses, 2 to a million, 3 to 10^8, 4 to 10^10. Common passwords and those made "
                  "of the account's own name are refused at 0 too.");
        table.key("threads", &Self::threads, count(0, 256),
                  at_start("Threads that hash; 0: one less than there are cores, at least 1."));
        table.key("memory", &Self::memory_bytes, bytes(8 * MiB, 64 * GiB),
                  "Memory that all running hashes may use together.");
        table.key("queue", &Self::queue, count(1, 100'000),
                  "Logins that may wait for a hash; one more gets 503 and Retry-After.");
        table.key("deadline", &Self::deadline, between(1ms, 10min),
                  "A login that waited longer gets 503 and is not hashed.");
    }
};

enum class ThrottleKept { store, memory };

constexpr auto words(ThrottleKept)
{
    using enum ThrottleKept;
    return std::array{
        Word{"store",  store },
        Word{"memory", memory}
    };
}

/// Carries what a login left in a browser, see ThrottleSettings::device_cookie.
inline constexpr std::string_view device_cookie_name = "gatehouse_device";

/// Guessing is slow, people are not locked out. YAML: `throttle`.
struct ThrottleSettings {
    std::uint32_t pair_free = 5;
    std::chrono::seconds pair_first_wait = 1s;
    std::chrono::seconds pair_longest_wait = 15min;
    std::uint32_t account_per_hour = 30;
    std::uint32_t address_per_10_minutes = 300;
    std::uint32_t registrations_per_minute = 60;
    std::uint32_t registration_burst = 300;
    std::uint32_t passkey_options_per_minute = 60;
    std::uint32_t passkey_options_burst = 300;
    std::uint32_t mails_per_address_per_hour = 60;
    std::uint32_t mails_per_account_per_hour = 5;
    ThrottleKept kept = ThrottleKept::store;
    bool device_cookie = true;
    std::chrono::seconds device_ttl = 365 * 24h; // browsers keep none longer than 400 days
    std::uint32_t device_per_hour = 10;

    template <class Table>
    static void describe(Table& table)
    {
        using Self = ThrottleSettings;
        table.key("pair_free", &Self::pair_free, count(0, 1'000'000),
                  "Failed logins per account and address before waiting begins; 0: no waiting.");
        table.key("pair_first_wait", &Self::pair_first_wait, between(1s, 24h),
                  "The first wait; each further failure doubles it.");
        table.key("pair_longest_wait", &Self::pair_longest_wait, between(1s, 24h),
                  "The longest wait.");
        table.key("account_per_hour", &Self::account_per_hour, count(0, 1'000'000),
                  "Failed logins per account and hour; 0: no limit.");
        table.key("address_per_10_minutes", &Self::address_per_10_minutes, count(0, 1'000'000),
                  "Failed logins per address (IPv6: per /64) in 10 minutes; 0: no limit.");
        table.key("registrations_per_minute", &Self::registrations_per_minute, count(0, 1'000'000),
                  "Registrations per address and minute; 0: no limit.");
        table.key("registration_burst", &Self::registration_burst, count(1, 1'000'000),
                  "Registrations per address that may come at once.");
        table.key("passkey_options_per_minute", &Self::passkey_options_per_minute,
                  count(0, 1'000'000),
                  "Challenges for passkeys per address (IPv6: per /64) and minute; 0: no limit.");
        table.key("passkey_options_burst", &Self::passkey_options_burst, count(1, 1'000'000),
                  "Challenges for passkeys per address that may be asked for at once.");
        table.key("mails_per_address_per_hour", &Self::mails_per_address_per_hour,
                  count(0, 1'000'000),
                  "Mails that clients of one address may ask for in an hour, for whomever; 0: no "
                  "limit.");
        table.key("mails_per_account_per_hour", &Self::mails_per_account_per_hour,
                  count(0, 1'000'000),
                  "Mails of each kind that an account gets in an hour, whoever asks; more are "
                  "silently not sent. 0: no limit.");
        table.key(
            "kept", &Self::kept, AsTyped{},
            at_start(
                "Where attempts are counted: in a store that several gateways share, for all of "
                "them together (where one gateway serves it counts itself), or by each gateway "
                "in its own memory, which spares a login some calls of the store."));
        table.key("device_cookie", &Self::device_cookie, AsTyped{},
                  "Whether a login leaves a cookie by which the browser is known when it comes "
                  "again: its failures are counted by themselves, and those of others do not slow "
                  "it down.");
        table.key("device_ttl", &Self::device_ttl, between(1h, 400 * 24h),
                  "How long a browser is known after a login.");
        table.key("device_per_hour", &Self::device_per_hour, count(1, 1'000'000),
                  "Failed logins per known browser and hour.");
    }
};

} // namespace gatehouse::config
