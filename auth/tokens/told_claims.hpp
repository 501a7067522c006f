#pragma once

#include "auth/json/value.hpp"
#include "auth/tokens/principal.hpp"
#include "config/claims/token_claims.hpp"
#include "config/settings/settings.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::auth {

/// What a token says of the claims that somebody asked for. Made once for each token.
struct ToldClaims {
    struct Claim {
        std::string path;
        /// The elements of a list, or one value; numbers and booleans as JSON writes them. Empty:
        /// the claim is absent, or is nothing that can be compared (null, an object, a fraction).
        std::vector<std::string> values;
    };

    std::vector<Claim> claims;
    /// By `identity.headers`: what each of them says; empty: it is not sent.
    std::vector<std::string> texts;

    [[nodiscard]] const Claim* find(std::string_view path) const noexcept;
};

/// Which claims somebody asks for: routes by their rules and in their headers, backends by
/// `identity.headers`.
/// Immutable.
class ClaimQuestions {
public:
    /// Nobody asks for any.
    ClaimQuestions() = default;
    explicit ClaimQuestions(const config::Settings& settings);

    [[nodiscard]] bool empty() const noexcept { return questions_.empty(); }

    /// `principal`: what follows from the roles comes from there and not from the payload.
    [[nodiscard]] std::shared_ptr<const ToldClaims> answer(const json::Value& payload,
                                                           const Principal& principal) const;
    /// The same of a token of another issuer, of whose claims only `told` count. `sub` is the
    /// user's id here, and never what it says there.
    [[nodiscard]] std::shared_ptr<const ToldClaims>
    answer_for_others(const json::Value& payload, const Principal& principal,
                      const std::vector<std::string>& told) const;
    /// The same when the principal's roles have changed.
    [[nodiscard]] std::shared_ptr<const ToldClaims> answer_again(const ToldClaims& before,
                                                                 const Principal& principal) const;

private:
    struct Question {
        std::string path;
        std::vector<std::string> names;
        config::TokenClaim kind = config::TokenClaim::value;
    };

    void ask_for_headers(const config::Settings& settings, const config::HeaderChanges& changes);
    void ask(const config::Settings& settings, const std::string& path);
    void write_texts(ToldClaims& told) const;

    std::vector<Question> questions_;
    std::vector<config::ClaimHeader> headers_;
};

} // namespace gatehouse::auth
