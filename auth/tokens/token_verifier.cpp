#include "auth/tokens/token_verifier.hpp"

#include "auth/basics/id.hpp"
#include "auth/jose/base64url.hpp"
#include "auth/jose/compact.hpp"
#include "auth/tokens/scopes.hpp"
#include "auth/tokens/token_reader.hpp"
#include "config/basics/enforced.hpp"

#include <algorithm>

namespace gatehouse::auth {

namespace {

/// A token whose every cheap property is right and whose signature nobody has looked at yet.
struct Unproven {
    jose::Compact text;
    const jose::Key* key = nullptr;
    std::string signature;
    json::Value payload;
};

[[nodiscard]] const jose::Key* key_of(const KeyRing& ring, std::string_view type,
                                      std::string_view kid, Seconds now)
{
    return type == access_token_type ? ring.access_verifier(kid, now)
                                     : ring.refresh_verifier(kid, now);
}

[[nodiscard]] Result<Unproven, TokenError> take_apart(const KeyRing& ring, std::string_view token,
                                                      std::string_view type, Seconds now)
{
    if (enforced("tokens.length") && token.size() > longest_token_bytes) {
        return TokenError::malformed;
    }
    const auto text = jose::split_compact(token);
    if (!text) return TokenError::malformed;
    const auto read = read_header(text->header, type);
    if (!read) return read.error();
    const auto& header = **read;
    const auto* key = key_of(ring, type, header.kid, now);
    if (key == nullptr) return TokenError::unknown_key;
    // RFC 8725, 3.1: the key says which algorithm it is for; the token may only agree.
    if (enforced("tokens.algorithm") && header.algorithm != jose::to_string(key->algorithm())) {
        return TokenError::unsupported;
    }
    auto signature = jose::decode_base64url(text->signature);
    if (!signature) return TokenError::malformed;
    auto payload = read_payload(text->payload);
    if (!payload) return payload.error();
    return Unproven{*text, key, *std::move(signature), *std::move(payload)};
}

[[nodiscard]] Result<void, TokenError> prove(const Unproven& token)
{
    if (!token.key->verify(token.text.signing_input, token.signature)) {
        return TokenError::bad_signature;
    }
    return {};
}

/// The claims both kinds of token have.
struct CommonClaims {
    std::string subject;
    std::string session;
    Seconds issued_at{};
    Seconds expires_at{};
};

enum class Expired { refused, accepted };

/// How far clocks may be off.
struct Clocks {
    std::chrono::seconds leeway;
    std::chrono::seconds max_ahead;
};

[[nodiscard]] Result<CommonClaims, TokenError> read_common(const json::Value& payload, Seconds now,
                                                           const Clocks& clocks, Expired expired)
{
    const auto* subject = payload.find_string("sub");
    const auto* session = payload.find_string("sid");
    if (subject == nullptr || !is_header_safe_id(*subject)) return TokenError::malformed;
    if (session == nullptr || !Id128::parse(*session)) return TokenError::malformed;
    const auto issued_at = read_time(payload, "iat");
    const auto expires_at = read_time(payload, "exp");
    const auto not_before = read_time(payload, "nbf");
    if (!issued_at || !*issued_at || !expires_at || !not_before) return TokenError::malformed;

    const auto in_time = check_times({*expires_at, *not_before}, now, clocks.leeway);
    if (!in_time && !(in_time.error() == TokenError::expired && expired == Expired::accepted)) {
        return in_time.error();
    }
    const auto issued = check_issued_at(**issued_at, now, clocks.max_ahead);
    if (!issued) return issued.error();
    return CommonClaims{*subject, *session, **issued_at, expires_at->value_or(Seconds())};
}

} // namespace

TokenVerifier::TokenVerifier(const config::TokenSettings& settings)
    : issuer_(settings.issuer),
      audience_(settings.audience),
      access_ttl_(settings.access_ttl),
      leeway_(settings.leeway),
      max_ahead_(settings.max_ahead)
{
}

bool TokenVerifier::is_own(const json::Value& payload) const
{
    const auto* issuer = payload.find_string("iss");
    return !enforced("tokens.iss") || (issuer != nullptr && *issuer == issuer_);
}

Result<AccessClaims, TokenError> TokenVerifier::access(const KeyRing& ring, std::string_view token,
                                                       Seconds now, json::Value* told) const
{
    auto unproven = take_apart(ring, token, access_token_type, now);
    if (!unproven) return unproven.error();
    const auto& payload = unproven->payload;
    if (!is_own(payload)) return TokenError::wrong_issuer;
    auto common = read_common(payload, now, {leeway_, max_ahead_}, Expired::refused);
    if (!common) return common.error();
    // What ends is remembered for one access life, as it is set here and now: a token that was
    // made under a longer one would come back to life after its logout (refused_until).
    if (enforced("tokens.access_life")) {
        common->expires_at = std::min(common->expires_at, common->issued_at + access_ttl_);
    }
    const auto lives = check_times({common->expires_at, {}}, now, leeway_);
    if (!lives) return lives.error();
    const std::span expected =
        audience_.empty() ? std::span<const std::string>(&common->subject, 1) : audience_;
    if (enforced("tokens.aud") && !is_audience(payload.find("aud"), expected)) {
        return TokenError::wrong_audience;
    }
    const auto* jti = payload.find_string("jti");
    auto roles = read_words(payload, "roles");
    auto scopes = read_scopes(payload);
    auto amr = read_words(payload, "amr");
    const auto auth_time = read_time(payload, "auth_time");
    const auto generation = read_generation(payload);
    if (jti == nullptr || !roles || !scopes || !amr || !auth_time || !generation) {
        return TokenError::malformed;
    }
    // A login that is yet to come would stay fresh for ever.
    if (const auto at = *auth_time; enforced("tokens.auth_time") && at) {
        if (const auto past = check_issued_at(*at, now, max_ahead_); !past) return past.error();
    }
    if (const auto proven = prove(*unproven); !proven) return proven.error();

    AccessClaims claims;
    claims.user_id = std::move(common->subject);
    claims.session_id = std::move(common->session);
    claims.jti = *jti;
    claims.roles = *std::move(roles);
    claims.issued_at = common->issued_at;
    claims.expires_at = common->expires_at;
    claims.auth_time = *auth_time;
    claims.amr = *std::move(amr);
    claims.generation = *generation;
    claims.scopes = *std::move(scopes);
    if (told != nullptr) *told = std::move(unproven->payload);
    return claims;
}

Result<RefreshClaims, TokenError> TokenVerifier::refresh(const KeyRing& ring,
                                                         std::string_view token, Seconds now) const
{
    const auto claims = refresh_even_expired(ring, token, now);
    if (!claims) return claims.error();
    const auto in_time = check_times({claims->expires_at, {}}, now, leeway_);
    if (!in_time) return in_time.error();
    return claims;
}

Result<RefreshClaims, TokenError>
TokenVerifier::refresh_even_expired(const KeyRing& ring, std::string_view token, Seconds now) const
{
    const auto unproven = take_apart(ring, token, refresh_token_type, now);
    if (!unproven) return unproven.error();
    const auto& payload = unproven->payload;
    if (!is_own(payload)) return TokenError::wrong_issuer;
    auto common = read_common(payload, now, {leeway_, max_ahead_}, Expired::accepted);
    if (!common) return common.error();
    if (enforced("tokens.refresh_aud") &&
        !is_audience(payload.find("aud"), std::span(&common->subject, 1))) {
        return TokenError::wrong_audience;
    }
    const auto generation = read_generation(payload);
    if (!generation || !*generation) return TokenError::malformed;
    if (const auto proven = prove(*unproven); !proven) return proven.error();

    return RefreshClaims{std::move(common->subject), std::move(common->session), **generation,
                         common->issued_at, common->expires_at};
}

Result<DeviceClaims, TokenError> TokenVerifier::device(const KeyRing& ring, std::string_view token,
                                                       Seconds now) const
{
    const auto unproven = take_apart(ring, token, device_token_type, now);
    if (!unproven) return unproven.error();
    const auto& payload = unproven->payload;
    if (!is_own(payload)) return TokenError::wrong_issuer;
    const auto* user = payload.find_string("sub");
    const auto* device = payload.find_string("did");
    const auto issued_at = read_time(payload, "iat");
    const auto expires_at = read_time(payload, "exp");
    if (user == nullptr || device == nullptr || !Id128::parse(*device))
        return TokenError::malformed;
    if (!issued_at || !*issued_at || !expires_at) return TokenError::malformed;
    const auto in_time = check_times({*expires_at, {}}, now, leeway_);
    if (!in_time) return in_time.error();
    if (const auto proven = prove(*unproven); !proven) return proven.error();
    return DeviceClaims{*user, *device, **issued_at, expires_at->value_or(Seconds())};
}

Result<LoginClaims, TokenError> TokenVerifier::login(const KeyRing& ring, std::string_view token,
                                                     Seconds now) const
{
    const auto unproven = take_apart(ring, token, login_token_type, now);
    if (!unproven) return unproven.error();
    const auto& payload = unproven->payload;
    if (!is_own(payload)) return TokenError::wrong_issuer;
    const auto* user = payload.find_string("sub");
    const auto* jti = payload.find_string("jti");
    const auto* standing = payload.find_string("std");
    auto amr = read_words(payload, "amr");
    const auto issued_at = read_time(payload, "iat");
    const auto expires_at = read_time(payload, "exp");
    if (user == nullptr || jti == nullptr || standing == nullptr || !amr) {
        return TokenError::malformed;
    }
    if (!issued_at || !*issued_at || !expires_at) return TokenError::malformed;
    const auto in_time = check_times({*expires_at, {}}, now, leeway_);
    if (!in_time) return in_time.error();
    if (const auto proven = prove(*unproven); !proven) return proven.error();
    return LoginClaims{*user,           *jti,        *standing,
                       *std::move(amr), **issued_at, expires_at->value_or(Seconds())};
}

} // namespace gatehouse::auth
