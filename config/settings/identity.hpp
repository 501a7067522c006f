#pragma once

#include "config/basics/secret.hpp"
#include "config/settings/contract.hpp"
#include "config/settings/login.hpp"
#include "config/settings/routes.hpp"
#include "config/settings/terms.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::config {

enum class Registration { open, invite, closed };

constexpr auto words(Registration)
{
    using enum Registration;
    return std::array{
        Word{"open",   open  },
        Word{"invite", invite},
        Word{"closed", closed}
    };
}

enum class Logout { immediate, confirmed };

constexpr auto words(Logout)
{
    using enum Logout;
    return std::array{
        Word{"immediate", immediate},
        Word{"confirmed", confirmed}
    };
}

enum class Delivery { body, cookie, both };

constexpr auto words(Delivery)
{
    using enum Delivery;
    return std::array{
        Word{"body",   body  },
        Word{"cookie", cookie},
        Word{"both",   both  }
    };
}

/// The auth API itself. YAML: `auth`.
struct AuthApiSettings {
    std::string prefix = "/auth";
    std::vector<std::string> origins;
    Delivery delivery = Delivery::body;
    std::string cookie_name = "refresh_token";
    std::string access_cookie_name = "access_token";
    std::string csrf_cookie_name = "csrf_token";
    std::uint64_t max_body_bytes = 16 * KiB;
    std::uint32_t max_depth = 16;
    std::optional<CorsSettings> cors;
    ContractSettings contract;
    /// Some route says `session_cookie: true`. Not in YAML: found when it is read.
    bool session_cookies = false;
    /// `portal` is on: the gateway's own origin has pages of ours. Not in YAML either.
    bool own_pages = false;

    /// Whether answers with cookies carry the access token in one, and requests may.
    [[nodiscard]] bool has_access_cookie() const noexcept
    {
        return session_cookies || contract.access_cookie;
    }

    /// Where browsers send our cookies to.
    [[nodiscard]] std::string cookie_path() const
    {
        if (!contract.cookie.path.empty()) return contract.cookie.path;
        return has_access_cookie() ? "/" : prefix;
    }

    template <class Table>
    static void describe(Table& table)
    {
        using Self = AuthApiSettings;
        table.key("prefix", &Self::prefix, forms::api_prefix,
                  "Where the auth API lives; no route may lie below it.");
        table.key("origins", &Self::origins, forms::origin,
                  "Origins whose pages may make calls that carry the cookie. Without any: the "
                  "scheme and Host of the request itself.");
        table.key("delivery", &Self::delivery, AsTyped{},
                  "How the refresh token travels, unless a login says otherwise.");
        table.key("cookie_name", &Self::cookie_name, forms::cookie_name,
                  "Name of the cookie that carries the refresh token.");
        table.key("access_cookie_name", &Self::access_cookie_name, forms::cookie_name,
                  "Name of the cookie that carries the access token, where one does: for routes "
                  "with `session_cookie`, or by `auth.contract.access_cookie`.");
        table.key("csrf_cookie_name", &Self::csrf_cookie_name, forms::cookie_name,
                  "Name of the cookie beside it whose value scripts may send as `X-CSRF-Token`.");
        table.key("max_body", &Self::max_body_bytes, bytes(256, MiB),
                  "Largest body of a call; 413 above it.");
        table.key("max_depth", &Self::max_depth, count(4, 100),
                  "Objects and arrays inside one another in the body of a call; 400 above it.");
        table.section("cors", &Self::cors, "Pages of other origins that may call the auth API.");
        table.section("contract", &Self::contract,
                      "Answers for front ends written for another server; `deploy/profiles` has "
                      "ready ones.");
    }
};

/// The last four are what tokens of others may be signed with, and never ours.
enum class Algorithm { es256, es384, rs256, ps256, eddsa, hs256, rs384, rs512, ps384, ps512 };

/// Those for our own tokens.
constexpr auto words(Algorithm)
{
    using enum Algorithm;
    return std::array{
        Word{"ES256", es256},
        Word{"ES384", es384},
        Word{"RS256", rs256},
        Word{"PS256", ps256},
        Word{"EdDSA", eddsa},
        Word{"HS256", hs256}
    };
}

/// Which scopes a user's roles bring; `*` is what everybody has.
using RoleScopes = std::map<std::string, std::vector<std::string>>;

/// How tokens issued by this gateway are built. YAML: `tokens`.
struct TokenSettings {
    std::string issuer = "gatehouse";
    /// Empty: the user id, as in the widely used tutorials.
    std::vector<std::string> audience;
    Algorithm algorithm = Algorithm::es256;
    std::chrono::seconds access_ttl = 1h;
    /// Never past login + sessions.absolute_ttl.
    std::chrono::seconds refresh_ttl = 365 * 24h;
    RoleScopes role_scopes;
    std::chrono::seconds leeway = 0s;
    std::chrono::seconds max_ahead = 60s;
    /// A retired key verifies for access_ttl and this much more.
    std::chrono::seconds retired_margin = 60s;
    std::chrono::seconds jwks_max_age = 10min;
    /// All three empty: the store's path + ".keys.json".
    std::string keys_file;
    std::string keys_directory;
    std::string sealing_file;
    /// Zero: never by itself.
    std::chrono::seconds rotate_every = 0s;
    /// As far as the clocks of replicas may differ, and longer than any of them needs to look.
    std::chrono::seconds publish_ahead = 60s;

    // From the environment only (never YAML): ACCESS_TOKEN_SECRET and friends; HS256 needs them.
    Secret access_secret;
    Secret refresh_secret;
    std::vector<Secret> access_secrets_previous;  // ACCESS_TOKEN_SECRET_PREVIOUS, comma-separated
    std::vector<Secret> refresh_secrets_previous; // REFRESH_TOKEN_SECRET_PREVIOUS

    /// What keys in the store are sealed under: from sealing_file, else from SEALING_SECRET.
    Secret sealing_secret;
    std::vector<Secret> sealing_secrets_previous; // SEALING_SECRET_PREVIOUS

    template <class Table>
    static void describe(Table& table)
    {
        using Self = TokenSettings;
        table.key("issuer", &Self::issuer, forms::word,
                  "The `iss` claim; services behind the gateway compare it.");
        table.key("audience", &Self::audience, forms::word,
                  "The `aud` claim. Without any: the user id.");
        table.key(
            "algorithm", &Self::algorithm, AsTyped{},
            at_start("Signature of access tokens. HS256 takes its secrets from the environment."));
        table.key("access_ttl", &Self::access_ttl, between(1s, 24h),
                  at_start("Life of an access token."));
        table.key("refresh_ttl", &Self::refresh_ttl, between(1s, 3650 * 24h),
                  "Life of a refresh token, never past `sessions.absolute_ttl` after the login.");
        table.key("role_scopes", &Self::role_scopes, forms::scope,
                  "The `scope` claim: what each role of the user brings, and under `*` what "
                  "everybody has. Without: no scopes.");
        table.key("leeway", &Self::leeway, between(0s, 60s),
                  at_start("How far `exp` and `nbf` of own tokens may be off."));
        table.key(
            "max_ahead", &Self::max_ahead, between(0s, 300s),
            at_start("How far the `iat` of an own token may lie in the future, since the clocks of "
                     "replicas differ."));
        table.key("retired_margin", &Self::retired_margin, between(0s, 24h),
                  "How much longer than `access_ttl` a retired key verifies.");
        table.key("jwks_max_age", &Self::jwks_max_age, between(0s, 24h),
                  "How long others may keep the JWKS (`Cache-Control: max-age`).");
        table.key(
            "keys_file", &Self::keys_file, forms::file_path,
            at_start(
                "The file where signing keys are kept. Without any of these three and without "
                "`SEALING_SECRET`: beside the store, `STORE.keys.json`; a PostgreSQL store has "
                "no beside."));
        table.key("keys_directory", &Self::keys_directory, forms::file_path,
                  at_start("A folder from which keys are only read, such as a mounted Secret."));
        table.key(
            "sealing_file", &Self::sealing_file, forms::file_path,
            at_start("Holds the secret under which the store keeps the signing keys. Without: "
                     "`SEALING_SECRET` from the environment, or none."));
        table.key("rotate_every", &Self::rotate_every, between(0s, 3650 * 24h),
                  "How long a key signs before the next one takes its place; 0: until "
                  "`gatehouse keys rotate`.");
        table.key("publish_ahead", &Self::publish_ahead, between(0s, 30 * 24h),
                  "How long every gateway that shares keys in its store has known a key before "
                  "one signs with it.");
    }
};

enum class OnStraggler { refuse, repeat };

constexpr auto words(OnStraggler)
{
    using enum OnStraggler;
    return std::array{
        Word{"refuse", refuse},
        Word{"repeat", repeat}
    };
}

enum class OnReuse { end_session, end_all };

constexpr auto words(OnReuse)
{
    using enum OnReuse;
    return std::array{
        Word{"end_session", end_session},
        Word{"end_all",     end_all    }
    };
}

enum class LostAnswer { refuse, repeat };

constexpr auto words(LostAnswer)
{
    using enum LostAnswer;
    return std::array{
        Word{"refuse", refuse},
        Word{"repeat", repeat}
    };
}

/// What happens when an old refresh token comes back. YAML: `refresh`.
struct RefreshSettings {
    std::chrono::milliseconds straggler_window = 10s;
    /// Unset: refuse for body delivery, repeat for cookie delivery (tabs race).
    std::optional<OnStraggler> on_straggler;
    OnReuse on_reuse = OnReuse::end_session;
    LostAnswer lost_answer = LostAnswer::refuse;
    std::uint32_t kept_generations = 32;

    template <class Table>
    static void describe(Table& table)
    {
        using Self = RefreshSettings;
        table.key("straggler_window", &Self::straggler_window, between(0s, 5min),
                  "How long an exchanged token counts as late and not as stolen.");
        table.key("on_straggler", &Self::on_straggler, AsTyped{},
                  "What a late one gets: 403, or the current pair again. Without: refuse for "
                  "body delivery, repeat for cookies, where tabs race.");
        table.key("on_reuse", &Self::on_reuse, AsTyped{},
                  "What a stolen one ends: its session, or all sessions of the user.");
        table.key(
            "lost_answer", &Self::lost_answer, AsTyped{},
            at_start(
                "What the token before the current one gets, however late, while nobody was "
                "seen to use the current pair: `repeat` gives the pair once more, for its answer "
                "may be lost; `refuse` treats it as any exchanged token."));
        table.key("kept_generations", &Self::kept_generations, count(1, 1000),
                  "Of so many exchanged tokens a session keeps when they were; one before them "
                  "counts as stolen however late it is.");
    }
};

enum class WhenFull { evict_oldest, refuse };

constexpr auto words(WhenFull)
{
    using enum WhenFull;
    return std::array{
        Word{"evict_oldest", evict_oldest},
        Word{"refuse",       refuse      }
    };
}

/// YAML: `sessions`.
struct SessionSettings {
    std::string store{};
    std::chrono::seconds absolute_ttl = 730 * 24h;
    /// Zero: a session waits for its next refresh as long as the refresh token lives.
    std::chrono::seconds idle_ttl = 0s;
    std::uint32_t max_per_user = 0;
    WhenFull when_full = WhenFull::evict_oldest;

    template <class Table>
    static void describe(Table& table)
    {
        using Self = SessionSettings;
        table.key(
            "store", &Self::store, forms::redis_url,
            at_start("Where sessions and the counters of login attempts are kept, if not with the "
                     "accounts."));
        table.key("absolute_ttl", &Self::absolute_ttl, between(1s, 7300 * 24h),
                  "No session lives longer after its login, however often it is refreshed.");
        table.key("idle_ttl", &Self::idle_ttl, between(0s, 3650 * 24h),
                  "A session that was not refreshed for so long is over; 0: when its refresh token "
                  "is.");
        table.key("max_per_user", &Self::max_per_user, count(0, 10'000),
                  "Sessions one user may have at a time; 0: no limit.");
        table.key("when_full", &Self::when_full, AsTyped{},
                  "What a login above the limit does: end the oldest session, or 403.");
    }
};

/// A claim of the token that backends get as a header. YAML: `identity.headers[]`.
struct ClaimHeader {
    std::string name;
    std::string claim;
    std::optional<std::string> join;
    std::uint64_t max_bytes = KiB;

    template <class Table>
    static void describe(Table& table)
    {
        using Self = ClaimHeader;
        table.required("name", &Self::name, forms::identity_header, "What it is called.");
        table.required("claim", &Self::claim, forms::claim_path,
                       "Which claim of the access token, by its path (`org.plan`).");
        table.key("join", &Self::join, forms::separator,
                  "What stands between the elements of a list. Without: a claim with more than "
                  "one value is left out.");
        table.key("max", &Self::max_bytes, bytes(1, 8 * KiB),
                  "Largest value; a larger one is left out.");
    }
};

/// A short-lived token of our own that proves to backends who wrote the identity. YAML:
/// `identity.signed`.
struct SignedIdentity {
    std::string header = "X-Identity";
    std::chrono::seconds ttl = 60s;
    std::string audience;

    template <class Table>
    static void describe(Table& table)
    {
        using Self = SignedIdentity;
        table.key("header", &Self::header, forms::identity_header, "What it travels in.");
        table.key("ttl", &Self::ttl, between(2s, 1h),
                  "Its life, never past that of the access token. One is used for the first half "
                  "of it, so signing is rare.");
        table.key("audience", &Self::audience, forms::word,
                  "Its `aud` claim. Without: the route's `to`, so that no service can use what "
                  "another was sent.");
    }
};

/// The headers a backend learns the user from. YAML: `identity`.
struct IdentitySettings {
    std::string header = "X-User-Id";
    bool session_header = false;
    bool roles_header = false;
    std::vector<ClaimHeader> headers;
    std::optional<SignedIdentity> proof; // `signed`

    template <class Table>
    static void describe(Table& table)
    {
        using Self = IdentitySettings;
        table.key("header", &Self::header, forms::identity_header,
                  "The header with the verified user id.");
        table.key("session_header", &Self::session_header, AsTyped{},
                  "Also send the session id as `X-Session-Id`.");
        table.key("roles_header", &Self::roles_header, AsTyped{},
                  "Also send the roles as `X-User-Roles`, separated by commas.");
        table.list("headers", &Self::headers, "Claims that are sent as headers too.");
        table.section("signed", &Self::proof,
                      "The identity once more, signed: backends check it with the JWKS.");
    }
};

} // namespace gatehouse::config
