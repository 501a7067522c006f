#include "auth/tokens/authenticator.hpp"

#include "auth/apikeys/api_key_table.hpp"
#include "auth/revocation/revocation_table.hpp"
#include "auth/sessions/seen_pairs.hpp"
#include "auth/tokens/scopes.hpp"
#include "config/basics/enforced.hpp"

#include <algorithm>

namespace gatehouse::auth {

namespace {

Principal::Shown shown_by(const std::vector<std::string>& amr) noexcept
{
    const auto says = [&](const char* word) { return std::ranges::find(amr, word) != amr.end(); };
    return {says(amr_possession), says(amr_code)};
}

} // namespace

Authenticator::Authenticator(const config::TokenSettings& settings,
                             const RevocationTable& revocations,
                             std::shared_ptr<const KeyRing> ring, std::size_t cache_entries,
                             ClaimQuestions questions, std::chrono::seconds proof_life)
    : verifier_(settings),
      role_scopes_(settings.role_scopes),
      questions_(std::move(questions)),
      issuer_(settings),
      proof_life_(proof_life),
      leeway_(settings.leeway),
      revocations_(revocations),
      ring_(std::move(ring)),
      cache_(cache_entries)
{
}

Result<const Principal*, TokenError> Authenticator::identify(std::string_view token, Seconds now,
                                                             Presenter presenter,
                                                             config::IssuerSet believed)
{
    if (token.empty()) return TokenError::missing;
    if (looks_like_api_key(token)) {
        const bool ours = (believed & config::own_issuer) != 0;
        judge_ = {};
        if (enforced("foreign.api_key_is_own") && !ours) return TokenError::wrong_issuer;
        return identify_api_key(token, now);
    }
    if (auto* known = cache_.find(token); known != nullptr) {
        // It was verified for another route, which may believe somebody whom this one does not.
        const bool is_believed = ((believed >> known->principal.issuer) & 1U) != 0;
        if (enforced("foreign.cached_for_route") && !is_believed) {
            judge_ = {};
            return TokenError::wrong_issuer;
        }
        const auto in_time =
            check_times({known->principal.expires_at, {}}, now, leeway_of(known->principal));
        if (enforced("token_cache.exp") && !in_time) {
            judge_ = issuer_of(known->principal);
            cache_.drop(token);
            return in_time.error();
        }
        ++cache_hits_;
        return admit(*known);
    }
    return identify_new(token, now, presenter, believed);
}

Result<const Principal*, TokenError> Authenticator::identify_new(std::string_view token,
                                                                 Seconds now, Presenter presenter,
                                                                 config::IssuerSet believed)
{
    judge_ = {};
    std::optional<Generation> generation;
    // What it says of itself chooses among those whom the route believes, and nothing else.
    const auto place = believed == config::own_issuer
                           ? std::nullopt
                           : issuers_->find(claimed_issuer(token), believed);
    const auto judged = [&]() -> Result<VerifiedToken, TokenError> {
        if (place) return verify_foreign(*place, token, now);
        const bool may_be_ours =
            (believed & config::own_issuer) != 0 || !enforced("foreign.own_believed");
        if (!may_be_ours) return TokenError::wrong_issuer;
        return verify(token, now, generation);
    };
    auto verified = judged();
    if (!verified) return verified.error();
    ++verifications_;
    const auto session = verified->session;
    const bool watched = seen_ != nullptr && generation;
    // Not remembered: its client has still to be met for the first time.
    const bool on_its_way = watched && presenter == Presenter::gateway;
    const bool kept = TokenCache::keeps(token) && !on_its_way;
    if (!kept) uncached_ = *std::move(verified);
    const auto admitted = admit(kept ? cache_.keep(token, *std::move(verified)) : uncached_);
    if (admitted && watched && !on_its_way) seen_->note(session, *generation);
    return admitted;
}

Result<VerifiedToken, TokenError> Authenticator::verify(std::string_view token, Seconds now,
                                                        std::optional<Generation>& generation) const
{
    json::Value payload;
    auto claims = verifier_.access(*ring_, token, now, questions_.empty() ? nullptr : &payload);
    if (!claims) return claims.error();
    // An account of ours that was imported may be called as somebody of theirs is.
    if (enforced("foreign.own_names") && issuers_->name(claims->user_id)) {
        return TokenError::wrong_issuer;
    }
    generation = claims->generation;
    VerifiedToken verified;
    verified.session = Id128::parse(claims->session_id).value_or(Id128());
    auto& principal = verified.principal;
    principal.user_id = std::move(claims->user_id);
    principal.session_id = std::move(claims->session_id);
    principal.roles = std::move(claims->roles);
    principal.scopes = std::move(claims->scopes);
    principal.expires_at = claims->expires_at;
    principal.auth_time = claims->auth_time;
    principal.shown = shown_by(claims->amr);
    if (!questions_.empty()) principal.told = questions_.answer(payload, principal);
    return verified;
}

Result<const Principal*, TokenError> Authenticator::admit(VerifiedToken& verified)
{
    auto& principal = verified.principal;
    // No session of ours, no account of ours, and no roles by the id that it has here.
    if (principal.issuer != 0) return show(verified);
    if (enforced("revocation.session") && revocations_.is_ended(verified.session)) {
        return TokenError::revoked;
    }
    const auto standing = revocations_.standing_of(principal.user_id);
    if (enforced("revocation.user") && standing.blocked) return TokenError::revoked;
    // Roles that were changed stand in for the token's until no older token can be alive, so they
    // may simply replace what the token said.
    if (standing.roles && principal.roles != *standing.roles) {
        give_roles(verified, *standing.roles);
    }
    return show(verified);
}

const Principal* Authenticator::show(VerifiedToken& verified)
{
    if (proof_life_.count() != 0) {
        verified.principal.proof = nullptr; // it may be for another service
        last_ = &verified;
    }
    return &verified.principal;
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
        if (enforced("foreign.own_key_names") && issuers_->name(found->principal.user_id)) {
            return TokenError::wrong_issuer;
        }
        ++verifications_;
        VerifiedToken fresh{std::move(found->principal), proof->id, found->version};
        if (!questions_.empty()) fresh.principal.told = told_of_key(fresh.principal);
        known = &seen_api_keys_.keep(text, std::move(fresh));
    } else {
        ++cache_hits_;
    }
    const auto standing = revocations_.standing_of(known->principal.user_id);
    if (enforced("revocation.user_of_key") && standing.blocked) return TokenError::revoked;
    return show(*known);
}

/// A key is no token, but it says for whom it speaks.
std::shared_ptr<const ToldClaims> Authenticator::told_of_key(const Principal& principal) const
{
    json::Value::Object claims;
    claims.push_back({"sub", json::Value(principal.user_id)});
    return questions_.answer(json::Value(std::move(claims)), principal);
}

/// The table says of every change that this is another key now, whatever changed.
bool Authenticator::still_holds(const VerifiedToken& known, Seconds now) const noexcept
{
    if (enforced("api_key.seen_expires") && now >= known.principal.expires_at) return false;
    return api_keys_->is_still(known.session, known.api_key_version) ||
           !enforced("api_key.seen_changes");
}

bool Authenticator::is_live_key(const Principal& principal) const noexcept
{
    const auto id = Id128::parse(principal.api_key);
    return api_keys_ != nullptr && id && api_keys_->is_live(*id);
}

void Authenticator::prove_to(std::string_view audience, Seconds now)
{
    if (last_ == nullptr) return;
    auto& proofs = last_->proofs;
    auto proof = std::ranges::find(proofs, audience, &IdentityProof::audience);
    if (proof == proofs.end()) proof = proofs.emplace(proofs.end());
    if (proof->text == nullptr || now >= proof->renew_at) {
        *proof = new_proof(last_->principal, audience, now);
    }
    last_->principal.proof = proof->text;
}

IdentityProof Authenticator::new_proof(const Principal& principal, std::string_view audience,
                                       Seconds now) const
{
    // It says nothing that outlives the token.
    const auto until = std::min(now + proof_life_, principal.expires_at + leeway_of(principal));
    const IdentityClaims claims{principal.user_id,
                                principal.session_id,
                                audience,
                                principal.roles,
                                principal.scopes,
                                now,
                                until};
    auto text = std::make_shared<const std::string>(issuer_.identity(*ring_, claims));
    return {std::string(audience), std::move(text), now + proof_life_ / 2};
}

std::optional<TokenError> Authenticator::ended_meanwhile(const Principal& principal,
                                                         Seconds now) const
{
    if (principal.issuer != 0) {
        const auto lasts = check_times({principal.expires_at, {}}, now, leeway_of(principal));
        if (enforced("lasting.foreign_exp") && !lasts) return lasts.error();
        return std::nullopt;
    }
    const auto session = Id128::parse(principal.session_id);
    if (enforced("lasting.session") && session && revocations_.is_ended(*session)) {
        return TokenError::revoked;
    }
    if (enforced("lasting.api_key") && !principal.api_key.empty() && !is_live_key(principal)) {
        return TokenError::revoked;
    }
    if (enforced("lasting.user") && revocations_.standing_of(principal.user_id).blocked) {
        return TokenError::revoked;
    }
    const auto in_time = check_times({principal.expires_at, {}}, now, leeway_);
    if (enforced("lasting.exp") && !in_time) return in_time.error();
    return std::nullopt;
}

/// Whatever the roles bring comes and goes with them.
void Authenticator::give_roles(VerifiedToken& verified, const std::vector<std::string>& roles) const
{
    auto& principal = verified.principal;
    verified.proofs.clear();
    principal.roles = roles;
    principal.scopes = scopes_of(role_scopes_, roles);
    if (principal.told) principal.told = questions_.answer_again(*principal.told, principal);
}

void Authenticator::use(std::shared_ptr<const KeyRing> ring)
{
    if (enforced("token_cache.generation") && ring->generation() != ring_->generation()) {
        cache_.clear();
        seen_api_keys_.clear(); // for what was signed beside them
        last_ = nullptr;
    }
    ring_ = std::move(ring);
}

} // namespace gatehouse::auth
