#include "auth/tokens/issuers.hpp"

#include "auth/tokens/foreign_user.hpp"

#include <algorithm>

namespace gatehouse::auth {

std::string key_source_of(const config::IssuerSettings& settings)
{
    if (!settings.is_fetched()) return {};
    auto source = settings.issuer + '\n' + settings.jwks.url + '\n' + settings.jwks.ca;
    for (const auto& algorithm : settings.algorithms) source += '\n' + algorithm;
    return source;
}

Issuers::Issuers(const config::Settings& settings)
{
    for (const auto& [name, issuer] : settings.issuers) {
        if (all_.size() == config::most_issuers) break;
        auto keys = keys_in_settings(issuer);
        all_.push_back({ForeignVerifier(name, issuer), key_source_of(issuer),
                        keys ? *std::move(keys) : nullptr});
    }
}

std::optional<std::size_t> Issuers::find(std::string_view issuer,
                                         config::IssuerSet believed) const noexcept
{
    for (std::size_t i = 0; i < all_.size(); ++i) {
        const bool asked = ((believed >> (i + 1)) & 1U) != 0;
        if (asked && all_[i].verifier.issuer() == issuer) return i;
    }
    return std::nullopt;
}

bool Issuers::name(std::string_view user_id) const noexcept
{
    return std::ranges::any_of(
        all_, [&](const Issuer& issuer) { return is_named_by(issuer.verifier.name(), user_id); });
}

} // namespace gatehouse::auth
