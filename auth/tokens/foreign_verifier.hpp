#pragma once

#include "auth/json/value.hpp"
#include "auth/tokens/issuer_keys.hpp"
#include "auth/tokens/principal.hpp"
#include "auth/tokens/token_error.hpp"
#include "config/basics/result.hpp"
#include "config/settings/issuers.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::auth {

/// Accepts only access tokens that one other issuer signed, for us. Like TokenVerifier it looks at
/// everything cheap first, and knows nothing of how keys come here. Immutable; safe from any
/// thread.  RFC 7519, 8725, 9068
class ForeignVerifier {
public:
    /// `name` is what the settings call the issuer, and what its users' ids begin with.
    ForeignVerifier(std::string name, const config::IssuerSettings& settings);

    [[nodiscard]] const std::string& name() const noexcept { return name_; }

    /// The `iss` of its tokens.
    [[nodiscard]] const std::string& issuer() const noexcept { return settings_.issuer; }

    /// Who the token speaks for: an id that begins with `name:`, no session, and such roles and
    /// scopes as the settings take from it. Nothing is shown (`amr`): what its words mean only the
    /// issuer knows. `payload`: where all that an accepted token says goes, if anybody wants it.
    [[nodiscard]] Result<Principal, TokenError> access(const IssuerKeys& keys,
                                                       std::string_view token, Seconds now,
                                                       json::Value* payload = nullptr) const;

    /// Its claims that count for somebody else than us.
    [[nodiscard]] const std::vector<std::string>& told_claims() const noexcept
    {
        return settings_.told_claims;
    }

    [[nodiscard]] std::chrono::seconds leeway() const noexcept { return settings_.leeway; }

private:
    struct Rule {
        std::vector<std::string> path;
        std::vector<std::string> any_of;
    };

    [[nodiscard]] bool is_type(std::string_view type) const;
    [[nodiscard]] Result<void, TokenError> check_claims(const json::Value& payload) const;
    [[nodiscard]] Result<Principal, TokenError> read(const json::Value& payload, Seconds now) const;
    [[nodiscard]] std::vector<std::string> roles_in(const json::Value& payload) const;
    [[nodiscard]] std::vector<std::string> scopes_in(const json::Value& payload) const;

    std::string name_;
    config::IssuerSettings settings_;
    std::vector<std::string> subject_;
    std::vector<std::string> roles_from_;
    std::vector<std::string> scopes_from_;
    std::vector<Rule> rules_;
};

/// What a token says of who made it, before anybody has looked whether that is true: good for
/// choosing whom to ask, and for nothing else. Empty where it says nothing that can be read.
[[nodiscard]] std::string claimed_issuer(std::string_view token);
/// The same of the key it names.
[[nodiscard]] std::string claimed_key(std::string_view token);

} // namespace gatehouse::auth
