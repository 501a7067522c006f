#include "auth/tokens/issuer_keys.hpp"

#include "config/basics/enforced.hpp"

#include <utility>

namespace gatehouse::auth {

using jose::KeyError;

IssuerKeys::IssuerKeys(jose::Key::Pointer secret) : nameless_(true)
{
    keys_.push_back({std::nullopt, std::move(secret)});
}

Result<const jose::Key*, TokenError> IssuerKeys::find(const std::optional<std::string>& kid,
                                                      jose::Algorithm algorithm) const
{
    const jose::Key* found = nullptr;
    bool is_named = false;
    for (const auto& each : keys_) {
        if (kid && !nameless_ && each.kid != kid) continue;
        is_named = true;
        // RFC 8725, 3.1: the key says which algorithm it is for; the token may only agree.
        if (enforced("foreign.algorithm") && each.key->algorithm() != algorithm) continue;
        if (enforced("foreign.one_key") && found != nullptr) return TokenError::ambiguous;
        found = each.key.get();
    }
    if (found != nullptr) return found;
    return is_named ? TokenError::unsupported : TokenError::unknown_key;
}

std::vector<jose::Algorithm> algorithms_of(const config::IssuerSettings& settings)
{
    if (!settings.secret_file.empty()) return {jose::Algorithm::hs256};
    std::vector<jose::Algorithm> algorithms;
    for (const auto& name : settings.algorithms) {
        const auto known = jose::parse_foreign_algorithm(name);
        if (known && *known != jose::Algorithm::hs256) algorithms.push_back(*known);
    }
    return algorithms;
}

Result<std::shared_ptr<const IssuerKeys>, KeyError>
keys_in_jwks(std::string_view text, const config::IssuerSettings& settings)
{
    auto published = jose::read_jwks(text, algorithms_of(settings));
    if (!published) return published.error();
    if (published->keys.empty()) {
        auto why = std::string("the JWKS has no key that is of use");
        for (const auto& each : published->left_out) why += "; " + each;
        return KeyError(std::move(why));
    }
    return std::make_shared<const IssuerKeys>(std::move(published->keys));
}

Result<std::shared_ptr<const IssuerKeys>, KeyError>
keys_in_settings(const config::IssuerSettings& settings)
{
    if (!settings.secret_file.empty()) {
        auto secret = jose::Key::from_secret(settings.secret);
        if (!secret) return secret.error();
        return std::make_shared<const IssuerKeys>(*std::move(secret));
    }
    if (settings.jwks.file.empty()) return std::shared_ptr<const IssuerKeys>();
    return keys_in_jwks(settings.jwks.file_text, settings);
}

} // namespace gatehouse::auth
