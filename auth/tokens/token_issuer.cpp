#include "auth/tokens/token_issuer.hpp"

#include "auth/jose/base64url.hpp"
#include "auth/json/writer.hpp"
#include "auth/tokens/scopes.hpp"

namespace gatehouse::auth {

namespace {

[[nodiscard]] std::string header_of(const jose::Key& key, std::string_view type)
{
    std::string header;
    json::Writer w(header);
    w.begin_object();
    w.member("alg", jose::to_string(key.algorithm()));
    w.member("typ", type);
    w.member("kid", key.kid());
    w.end_object();
    return header;
}

void member(json::Writer& w, std::string_view name, Seconds time)
{
    w.member(name, static_cast<std::int64_t>(time.time_since_epoch().count()));
}

void member(json::Writer& w, std::string_view name, std::span<const std::string> values)
{
    w.name(name);
    w.begin_array();
    for (const auto& value : values) w.string(value);
    w.end_array();
}

[[nodiscard]] std::string signed_token(const jose::Key& key, std::string_view type,
                                       std::string_view payload)
{
    std::string token;
    jose::append_base64url(token, header_of(key, type));
    token += '.';
    jose::append_base64url(token, payload);
    const auto signature = key.sign(token);
    token += '.';
    jose::append_base64url(token, signature);
    return token;
}

} // namespace

TokenIssuer::TokenIssuer(const config::TokenSettings& settings)
    : issuer_(settings.issuer),
      audience_(settings.audience)
{
}

std::string TokenIssuer::access(const KeyRing& ring, const AccessClaims& claims,
                                std::string_view more) const
{
    std::string payload;
    json::Writer w(payload);
    w.begin_object();
    w.member("iss", issuer_);
    w.member("sub", claims.user_id);
    // RFC 7519, 4.1.3: one audience may stand alone.
    if (audience_.size() > 1) {
        member(w, "aud", audience_);
    } else {
        w.member("aud", audience_.empty() ? claims.user_id : audience_.front());
    }
    member(w, "iat", claims.issued_at);
    member(w, "exp", claims.expires_at);
    w.member("jti", claims.jti);
    w.member("sid", claims.session_id);
    if (claims.auth_time) member(w, "auth_time", *claims.auth_time);
    if (!claims.amr.empty()) member(w, "amr", claims.amr);
    if (claims.generation) w.member("gen", std::int64_t{*claims.generation});
    if (!claims.roles.empty()) member(w, "roles", claims.roles);
    if (!claims.scopes.empty()) w.member("scope", scope_text(claims.scopes));
    w.end_object();
    if (more.size() > 2) payload.replace(payload.size() - 1, 1, ",").append(more.substr(1));
    return signed_token(ring.access_signer(), access_token_type, payload);
}

std::string TokenIssuer::identity(const KeyRing& ring, const IdentityClaims& claims) const
{
    std::string payload;
    json::Writer w(payload);
    w.begin_object();
    w.member("iss", issuer_);
    w.member("sub", claims.user_id);
    w.member("aud", claims.audience);
    member(w, "iat", claims.issued_at);
    member(w, "exp", claims.expires_at);
    if (!claims.session_id.empty()) w.member("sid", claims.session_id);
    if (!claims.roles.empty()) member(w, "roles", claims.roles);
    if (!claims.scopes.empty()) w.member("scope", scope_text(claims.scopes));
    w.end_object();
    return signed_token(ring.access_signer(), identity_type, payload);
}

std::string TokenIssuer::refresh(const KeyRing& ring, const RefreshClaims& claims) const
{
    std::string payload;
    json::Writer w(payload);
    w.begin_object();
    w.member("iss", issuer_);
    w.member("sub", claims.user_id);
    w.member("aud", claims.user_id);
    member(w, "iat", claims.issued_at);
    member(w, "exp", claims.expires_at);
    w.member("sid", claims.session_id);
    w.member("gen", std::int64_t{claims.generation});
    w.end_object();
    return signed_token(ring.refresh_signer(), refresh_token_type, payload);
}

std::string TokenIssuer::device(const KeyRing& ring, const DeviceClaims& claims) const
{
    std::string payload;
    json::Writer w(payload);
    w.begin_object();
    w.member("iss", issuer_);
    w.member("sub", claims.user_id);
    member(w, "iat", claims.issued_at);
    member(w, "exp", claims.expires_at);
    w.member("did", claims.device_id);
    w.end_object();
    return signed_token(ring.refresh_signer(), device_token_type, payload);
}

std::string TokenIssuer::login(const KeyRing& ring, const LoginClaims& claims) const
{
    std::string payload;
    json::Writer w(payload);
    w.begin_object();
    w.member("iss", issuer_);
    w.member("sub", claims.user_id);
    member(w, "iat", claims.issued_at);
    member(w, "exp", claims.expires_at);
    w.member("jti", claims.jti);
    w.member("std", claims.standing);
    member(w, "amr", claims.amr);
    w.end_object();
    return signed_token(ring.refresh_signer(), login_token_type, payload);
}

} // namespace gatehouse::auth
