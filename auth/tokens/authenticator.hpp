#pragma once

#include "auth/tokens/issuers.hpp"
#include "auth/tokens/key_ring.hpp"
#include "auth/tokens/principal.hpp"
#include "auth/tokens/token_cache.hpp"
#include "auth/tokens/token_error.hpp"
#include "auth/tokens/token_issuer.hpp"
#include "auth/tokens/token_verifier.hpp"
#include "auth/tokens/told_claims.hpp"
#include "config/basics/result.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace gatehouse::auth {

class ApiKeyTable;
class KeyWishes;
class RevocationTable;
class SeenPairs;

/// Whose token or API key is this, and does it still count? One per worker, used by its thread
/// only: no lock, and no allocation when the token was seen before.
class Authenticator {
public:
    /// `seen`, where there is one, hears which pairs are in use: once of each token.
    Authenticator(const config::TokenSettings& settings, const RevocationTable& revocations,
                  std::shared_ptr<const KeyRing> ring,
                  std::size_t cache_entries = TokenCache::default_entries,
                  ClaimQuestions questions = {},
                  std::chrono::seconds proof_life = std::chrono::seconds(0));

    /// From now on API keys are known too. The table outlives this object.
    void take_api_keys(const ApiKeyTable& keys) noexcept { api_keys_ = &keys; }

    /// From now on tokens of these are known too, where somebody believes them. `fetched`: their
    /// keys, as far as they are not in the settings. `wishes`: who hears of keys that are missing;
    /// null: nobody. It outlives this object.
    void take_issuers(std::shared_ptr<const Issuers> issuers, const FetchedKeys& fetched,
                      KeyWishes* wishes = nullptr);

    /// From now on pairs that are met for the first time are told there; null: to nobody. What is
    /// told outlives this object.
    void tell_of_pairs(SeenPairs* seen) noexcept { seen_ = seen; }

    /// What the gateway made on the way of this very request has not reached its client yet: nobody
    /// was seen to use it.
    enum class Presenter : std::uint8_t { client, gateway };

    /// `token` is what follows the scheme in the one Authorization field, and `believed` whoever
    /// may have made it. The principal stays valid until the next call on this object.
    [[nodiscard]] Result<const Principal*, TokenError>
    identify(std::string_view token, Seconds now, Presenter presenter = Presenter::client,
             config::IssuerSet believed = config::own_issuer);

    /// Who, by their name in the settings, was asked about the token that identify() refused last;
    /// "": we.
    [[nodiscard]] std::string_view judge() const noexcept { return judge_; }

    /// The name in the settings of whoever speaks for a principal; "": we do.
    [[nodiscard]] std::string_view issuer_of(const Principal& principal) const noexcept;

    /// Has the principal whom identify() returned last carry a signed identity for `audience`: the
    /// one made before, as long as half of its life is left, or a new one.
    void prove_to(std::string_view audience, Seconds now);

    /// Whether somebody who was identified before still is who they were: nothing, or that the
    /// token has expired or its session or user has ended. For what lasts longer than a moment.
    [[nodiscard]] std::optional<TokenError> ended_meanwhile(const Principal& principal,
                                                            Seconds now) const;

    /// The keys of this moment.
    [[nodiscard]] const KeyRing& ring() const noexcept { return *ring_; }

    /// New keys: everything verified under the old ones is forgotten. On the worker's thread.
    void use(std::shared_ptr<const KeyRing> ring);
    /// The same of other issuers.
    void use(const FetchedKeys& fetched);

    /// Hits of the cache and tokens verified by signature, for the worker's counters.
    [[nodiscard]] std::uint64_t cache_hits() const noexcept { return cache_hits_; }

    [[nodiscard]] std::uint64_t verifications() const noexcept { return verifications_; }

    /// Tokens and API keys that need no cryptography now.
    [[nodiscard]] std::size_t cached() const noexcept
    {
        return cache_.size() + seen_api_keys_.size();
    }

private:
    /// Fewer machines than people call, and each of them often.
    static constexpr std::size_t api_key_entries = 1024;

    [[nodiscard]] Result<VerifiedToken, TokenError>
    verify(std::string_view token, Seconds now, std::optional<Generation>& generation) const;
    [[nodiscard]] Result<VerifiedToken, TokenError>
    verify_foreign(std::size_t place, std::string_view token, Seconds now);
    [[nodiscard]] Result<const Principal*, TokenError> identify_new(std::string_view token,
                                                                    Seconds now,
                                                                    Presenter presenter,
                                                                    config::IssuerSet believed);
    [[nodiscard]] std::chrono::seconds leeway_of(const Principal& principal) const noexcept;
    [[nodiscard]] Result<const Principal*, TokenError> admit(VerifiedToken& verified);
    void give_roles(VerifiedToken& verified, const std::vector<std::string>& roles) const;
    [[nodiscard]] const Principal* show(VerifiedToken& verified);
    [[nodiscard]] IdentityProof new_proof(const Principal& principal, std::string_view audience,
                                          Seconds now) const;
    [[nodiscard]] Result<const Principal*, TokenError> identify_api_key(std::string_view text,
                                                                        Seconds now);
    [[nodiscard]] std::shared_ptr<const ToldClaims> told_of_key(const Principal& principal) const;
    [[nodiscard]] bool is_live_key(const Principal& principal) const noexcept;
    [[nodiscard]] bool still_holds(const VerifiedToken& known, Seconds now) const noexcept;

    TokenVerifier verifier_;
    config::RoleScopes role_scopes_;
    ClaimQuestions questions_;
    TokenIssuer issuer_; // of proofs
    std::chrono::seconds proof_life_;
    std::chrono::seconds leeway_;
    const RevocationTable& revocations_;
    std::shared_ptr<const KeyRing> ring_;
    TokenCache cache_;
    const ApiKeyTable* api_keys_ = nullptr;
    TokenCache seen_api_keys_{api_key_entries};
    VerifiedToken* last_ = nullptr; // whom identify() returned
    SeenPairs* seen_ = nullptr;
    std::shared_ptr<const Issuers> issuers_ = std::make_shared<const Issuers>();
    std::vector<std::shared_ptr<const IssuerKeys>> issuer_keys_; // by their place; null: none yet
    KeyWishes* wishes_ = nullptr;
    std::string_view judge_;
    VerifiedToken uncached_; // the last token that was too long for the cache
    std::uint64_t cache_hits_ = 0;
    std::uint64_t verifications_ = 0;
};

} // namespace gatehouse::auth
