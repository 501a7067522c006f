#include "auth/tokens/authenticator.hpp"

#include "auth/apikeys/api_key_table.hpp"
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
    if (looks_like_api_key(token)) return identify_api_key(token, now);
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

Result<const Principal*, TokenError> Authenticator::identify_api_key(std::string_view text,
                                                                     Seconds now)
{
    auto* known = seen_api_keys_.find(text);
    if (known == nullptr || !still_holds(*known, now)) {
        seen_api_keys_.drop(text);
        const auto proof = read_api_key(text);
        if (!proof) return proof.error();
        if (api_keys_ == nullptr) return TokenError::unknown_key;
        auto found = api_keys_->find(*proof, now);
        if (!found) return found.error();
        ++verifications_;
        VerifiedToken fresh{std::move(found->principal), proof->id, found->version};
        known = &seen_api_keys_.keep(text, std::move(fresh));
    } else {
        ++cache_hits_;
    }
    const auto standing = revocations_.standing_of(known->principal.user_id);
    if (enforced("revocation.user_of_key") && standing.blocked) return TokenError::revoked;
    return &known->principal;
}

/// The table says of every change that this is another key now, whatever changed.
bool Authenticator::still_holds(const VerifiedToken& known, Seconds now) const noexcept
{
    if (enforced("api_key.seen_expires") && now >= known.principal.expires_at) return false;
    return api_keys_->is_still(known.session, known.api_key_version) ||
           !enforced("api_key.seen_changes");
}

void Authenticator::use(std::shared_ptr<const KeyRing> ring)
{
    if (enforced("token_cache.generation") && ring->generation() != ring_->generation()) {
        cache_.clear();
    }
    ring_ = std::move(ring);
}

} // namespace gatehouse::auth
