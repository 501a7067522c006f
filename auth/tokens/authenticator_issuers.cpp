// What an Authenticator has to do with tokens of others.
#include "auth/tokens/authenticator.hpp"
#include "auth/tokens/key_wishes.hpp"
#include "config/basics/enforced.hpp"

#include <utility>

namespace gatehouse::auth {

void Authenticator::take_issuers(std::shared_ptr<const Issuers> issuers, const FetchedKeys& fetched,
                                 KeyWishes* wishes)
{
    issuers_ = std::move(issuers);
    issuer_keys_.assign(issuers_->all().size(), nullptr);
    wishes_ = wishes;
    use(fetched);
}

void Authenticator::use(const FetchedKeys& fetched)
{
    const auto issuers = issuers_->all();
    for (std::size_t i = 0; i < issuers.size(); ++i) {
        auto keys = issuers[i].keys;
        const auto found = fetched.find(issuers[i].source);
        if (!issuers[i].source.empty() && found != fetched.end()) keys = found->second;
        if (keys == issuer_keys_[i]) continue;
        if (enforced("token_cache.issuer_keys")) cache_.forget_those_of(i + 1);
        issuer_keys_[i] = std::move(keys);
        last_ = nullptr;
    }
}

Result<VerifiedToken, TokenError> Authenticator::verify_foreign(std::size_t place,
                                                                std::string_view token, Seconds now)
{
    const auto& issuer = issuers_->all()[place];
    judge_ = issuer.verifier.name();
    const auto& keys = issuer_keys_[place];
    if (keys == nullptr) return TokenError::no_keys;
    json::Value payload;
    auto principal =
        issuer.verifier.access(*keys, token, now, questions_.empty() ? nullptr : &payload);
    if (!principal) {
        if (principal.error() == TokenError::unknown_key && wishes_ != nullptr) {
            wishes_->note(issuer.source, claimed_key(token));
        }
        return principal.error();
    }
    VerifiedToken verified;
    verified.principal = *std::move(principal);
    verified.principal.issuer = static_cast<std::uint8_t>(place + 1);
    if (!questions_.empty()) {
        verified.principal.told = questions_.answer_for_others(payload, verified.principal,
                                                               issuer.verifier.told_claims());
    }
    return verified;
}

std::chrono::seconds Authenticator::leeway_of(const Principal& principal) const noexcept
{
    if (principal.issuer == 0) return leeway_;
    return issuers_->all()[principal.issuer - 1U].verifier.leeway();
}

std::string_view Authenticator::issuer_of(const Principal& principal) const noexcept
{
    if (principal.issuer == 0) return {};
    return issuers_->all()[principal.issuer - 1U].verifier.name();
}

} // namespace gatehouse::auth
