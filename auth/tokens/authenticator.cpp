#include "auth/tokens/authenticator.hpp"

#include "auth/revocation/revocation_table.hpp"
#include "config/basics/enforced.hpp"

namespace gatehouse::auth {

Authenticator::Authenticator(const config::TokenSettings& settings,
                             const RevocationTable& revocations,
                             std::shared_ptr<const KeyRing> ring, std::size_t cache_entries)
    : verifier_(settings),
      leeway_(settings.leeway),
      revocations_(revocations),
      ring_(std::move(ring)),
      cache_(cache_entries)
{
}

Result<const Principal*, TokenError> Authenticator::identify(std::string_view token, Seconds now)
{
    if (token.empty()) return TokenError::missing;
    if (auto* known = cache_.find(token); known != nullptr) {
        const auto in_time = check_times({known->principal.expires_at, {}}, now, leeway_);
        if (enforced("token_cache.exp") && !in_time) {
            cache_.drop(token);
            return in_time.error();
        }
        ++cache_hits_;
        return admit(*known);
    }

    auto claims = verifier_.access(*ring_, token, now);
    if (!claims) return claims.error();
    ++verifications_;
    VerifiedToken verified;
    verified.session = Id128::parse(claims->session_id).value_or(Id128());
    verified.principal = {std::move(claims->user_id), std::move(claims->session_id),
                          std::move(claims->roles), claims->expires_at, claims->auth_time};
    if (TokenCache::keeps(token)) return admit(cache_.keep(token, std::move(verified)));
    uncached_ = std::move(verified);
    return admit(uncached_);
}

Result<const Principal*, TokenError> Authenticator::admit(VerifiedToken& verified)
{
    auto& principal = verified.principal;
    if (enforced("revocation.session") && revocations_.is_ended(verified.session)) {
        return TokenError::revoked;
    }
    const auto standing = revocations_.standing_of(principal.user_id);
    if (enforced("revocation.user") && standing.blocked) return TokenError::revoked;
    // Roles that were changed stand in for the token's until no older token can be alive, so they
    // may simply replace what the token said.
    if (standing.roles && principal.roles != *standing.roles) principal.roles = *standing.roles;
    return &principal;
}

void Authenticator::use(std::shared_ptr<const KeyRing> ring)
{
    if (enforced("token_cache.generation") && ring->generation() != ring_->generation()) {
        cache_.clear();
    }
    ring_ = std::move(ring);
}

} // namespace gatehouse::auth
