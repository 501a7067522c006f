#pragma once

#include "config/basics/secret.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::config {

using namespace std::chrono_literals;

enum class Registration { open, invite, closed };
enum class Delivery { body, cookie, both };
enum class Algorithm { es256, es384, rs256, ps256, eddsa, hs256 };

/// The auth API itself. YAML: `auth`.
struct AuthApiSettings {
    /// Where the auth API lives; routes below it are a config error.
    std::string prefix = "/auth";
    /// Origins whose pages may make cookie-carried calls; empty: only the request's own.
    std::vector<std::string> origins;
    /// How the refresh token travels unless a login says otherwise.
    Delivery delivery = Delivery::body;
    std::string cookie_name = "refresh_token";
    /// Largest JSON body of an auth call.
    std::uint64_t max_body_bytes = 16 * 1024;
};

/// How tokens issued by this gateway are built. YAML: `tokens`.
struct TokenSettings {
    /// Value of the `iss` claim. `check` warns about the default when `listen` is not loopback.
    std::string issuer = "gatehouse";
    /// Values of the `aud` claim; empty: the user id, as in the widely used tutorials.
    std::vector<std::string> audience;
    Algorithm algorithm = Algorithm::es256;
    /// Lifetime of an access token. Allowed: 1s to 24h.
    std::chrono::seconds access_ttl = 1h;
    /// Lifetime of a refresh token, never past login + sessions.absolute_ttl.
    std::chrono::seconds refresh_ttl = 365 * 24h;
    /// How far `exp` and `nbf` of own tokens may be off. Allowed: 0s to 60s.
    std::chrono::seconds leeway = 0s;
    /// Where signing keys live; empty: the store's path + ".keys.json".
    std::string keys_file;

    // From the environment only (never YAML): ACCESS_TOKEN_SECRET and friends; HS256 needs them.
    Secret access_secret;
    Secret refresh_secret;
    std::vector<Secret> access_secrets_previous;  // ACCESS_TOKEN_SECRET_PREVIOUS, comma-separated
    std::vector<Secret> refresh_secrets_previous; // REFRESH_TOKEN_SECRET_PREVIOUS
};

enum class OnStraggler { refuse, repeat };
enum class OnReuse { end_session, end_all };

/// What happens when an old refresh token comes back. YAML: `refresh`.
struct RefreshSettings {
    std::chrono::milliseconds straggler_window = 10s;
    /// Unset: refuse for body delivery, repeat for cookie delivery (tabs race).
    std::optional<OnStraggler> on_straggler;
    OnReuse on_reuse = OnReuse::end_session;
};

enum class WhenFull { evict_oldest, refuse };

/// YAML: `sessions`.
struct SessionSettings {
    std::chrono::seconds absolute_ttl = 730 * 24h;
    /// 0: no limit.
    std::uint32_t max_per_user = 0;
    WhenFull when_full = WhenFull::evict_oldest;
};

enum class PasswordHash { argon2id, bcrypt };

/// YAML: `passwords`.
struct PasswordSettings {
    PasswordHash hash = PasswordHash::argon2id;
    std::uint64_t argon2_memory_bytes = 19 * 1024 * 1024; // OWASP: 19 MiB with 2 passes, 1 lane
    std::uint32_t argon2_passes = 2;
    std::uint32_t bcrypt_cost = 12;
    std::uint32_t min_length = 8;
    std::uint32_t max_length = 256;
    /// Threads that hash; 0: cores - 1, at least 1.
    std::uint32_t threads = 0;
    /// Memory that hashes in flight may use together.
    std::uint64_t memory_bytes = 256 * 1024 * 1024;
    /// Logins that may wait for a hash; more are answered 503 + Retry-After.
    std::uint32_t queue = 256;
    /// A login that waited longer than this is answered 503 before it hashes.
    std::chrono::milliseconds deadline = 5s;
};

/// Guessing is slow, people are not locked out. A value of 0 switches one limit off.
/// YAML: `throttle`.
struct ThrottleSettings {
    /// Failures per account-and-address pair before waiting begins.
    std::uint32_t pair_free = 5;
    std::chrono::seconds pair_first_wait = 1s;
    std::chrono::seconds pair_longest_wait = 15min;
    std::uint32_t account_per_hour = 30;
    std::uint32_t address_per_10_minutes = 300;
    std::uint32_t registrations_per_minute = 60;
    std::uint32_t registration_burst = 300;
};

/// The headers a backend learns the user from. YAML: `identity`.
struct IdentitySettings {
    std::string header = "X-User-Id";
    bool session_header = false; // X-Session-Id
    bool roles_header = false;   // X-User-Roles
};

} // namespace gatehouse::config
