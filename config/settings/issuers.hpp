#pragma once

#include "config/basics/secret.hpp"
#include "config/settings/identity.hpp"
#include "config/settings/routes.hpp"
#include "config/settings/terms.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::config {

/// Which issuers a route believes, a bit for each: 0 is this gateway, and the others are counted
/// from 1 in the order of `issuers`.
using IssuerSet = std::uint64_t;
inline constexpr IssuerSet own_issuer = 1;
inline constexpr std::size_t most_issuers = 32;
/// What a route calls this gateway.
inline constexpr std::string_view own_issuer_name = "own";
/// Among `typ`: a token that has none.
inline constexpr std::string_view no_token_type = "none";

/// Where the keys of another issuer are. YAML: `issuers.<name>.jwks`.
struct JwksSettings {
    std::string url;
    std::string file;
    std::string ca;
    std::chrono::milliseconds refresh = 10min;
    std::chrono::milliseconds cooldown = 30s;
    std::chrono::milliseconds timeout = 5s;
    std::chrono::seconds stale_for = 24h;
    /// What stands in `file`. Not in YAML: read when it is.
    std::string file_text;

    template <class Table>
    static void describe(Table& table)
    {
        using Self = JwksSettings;
        table.key("url", &Self::url, forms::jwks_url,
                  "Where the issuer publishes its keys (JWKS). Without this and `file`: where "
                  "`<issuer>/.well-known/openid-configuration` says.");
        table.key("file", &Self::file, forms::file_path,
                  "A file with them instead. Read again when it changes.");
        table.key("ca", &Self::ca, forms::file_path,
                  "With `https://`: the file (PEM) of the authorities that may have signed the "
                  "server's certificate. Without: those of the system.");
        table.key("refresh", &Self::refresh, between(1s, 24h),
                  "How old keys may become before they are fetched again, if the issuer's "
                  "`Cache-Control: max-age` does not say less.");
        table.key("cooldown", &Self::cooldown, between(1s, 1h),
                  "At least so long between two fetches, whatever keys tokens name.");
        table.key("timeout", &Self::timeout, between(100ms, 1min), "How long a fetch may take.");
        table.key("stale_for", &Self::stale_for, between(1s, 30 * 24h),
                  "How long keys count while the issuer does not answer; 503 for its tokens after "
                  "that.");
    }
};

/// Somebody else whose tokens routes may believe. YAML: `issuers.<name>`.
struct IssuerSettings {
    std::string issuer;
    JwksSettings jwks;
    std::string secret_file;
    std::vector<std::string> audience;
    bool any_audience = false;
    std::vector<std::string> algorithms{"RS256", "ES256", "EdDSA"};
    std::vector<std::string> typ{"at+jwt", "JWT"};
    std::chrono::seconds leeway = 30s;
    std::vector<ClaimRule> claims;
    std::string subject = "sub";
    std::string roles_from;
    RoleScopes roles;
    std::string scopes_from;
    std::vector<std::string> told_claims;
    /// What stands in `secret_file`. Not in YAML.
    Secret secret;

    /// Whether its keys come over the network.
    [[nodiscard]] bool is_fetched() const noexcept
    {
        return jwks.file.empty() && secret_file.empty();
    }

    template <class Table>
    static void describe(Table& table)
    {
        using Self = IssuerSettings;
        table.required("issuer", &Self::issuer, forms::word,
                       "The `iss` claim of its tokens, exactly.");
        table.section("jwks", &Self::jwks, "Where its keys are.");
        table.key("secret_file", &Self::secret_file, forms::file_path,
                  "Instead of `jwks`: holds the secret (32 bytes or more) under which it signs "
                  "with HS256.");
        table.key("audience", &Self::audience, forms::word,
                  "Which `aud` its tokens must have: one of these. Tokens for somebody else open "
                  "nothing here.");
        table.key("any_audience", &Self::any_audience, AsTyped{},
                  "`true` instead of `audience`: tokens that it made for anybody are taken.");
        table.key("algorithms", &Self::algorithms, forms::token_algorithm,
                  "What its tokens may be signed with. A key that names its own algorithm (`alg`) "
                  "is for that one alone.");
        table.key("typ", &Self::typ, forms::token_typ,
                  "Which `typ` the header of its tokens may have, in any case and with or without "
                  "`application/`; `none` is a token without.");
        table.key("leeway", &Self::leeway, between(0s, 60s),
                  "How far `exp`, `nbf` and `iat` of its tokens may be off.");
        table.any_of("claims", &Self::claims, forms::claim_path,
                     "What its tokens must say to be taken at all: claims by path, each with a "
                     "value or a list of values one of which it must have.");
        table.key("subject", &Self::subject, forms::claim_path,
                  "The claim that says who the user is. Backends are told `<name>:` and this, or "
                  "`<name>:.` and a hash of it where it is too long or has other characters than "
                  "letters, digits, `.`, `_`, `:` and `-`.");
        table.key("roles_from", &Self::roles_from, forms::claim_path,
                  "The claim with roles. Without: its users have none.");
        table.key("roles", &Self::roles, forms::word,
                  "Which of its values bring a role of ours. Without: each value is a role of that "
                  "name.");
        table.key("scopes_from", &Self::scopes_from, forms::claim_path,
                  "The claim with scopes (`scope`, `scp`): a list, or a text with blanks between "
                  "them. Without: its tokens have none.");
        table.key("told_claims", &Self::told_claims, forms::claim_path,
                  "Its claims that count for the `claims` that routes ask for and for "
                  "`identity.headers`. "
                  "Others are as if they were absent.");
    }
};

} // namespace gatehouse::config
