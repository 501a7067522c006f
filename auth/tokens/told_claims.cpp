#include "auth/tokens/told_claims.hpp"

#include "auth/tokens/claim_text.hpp"
#include "auth/tokens/claim_values.hpp"
#include "auth/tokens/scopes.hpp"
#include "config/basics/enforced.hpp"
#include "config/claims/claim_path.hpp"
#include "config/templates/text_template.hpp"

#include <algorithm>
#include <optional>
#include <span>

namespace gatehouse::auth {
namespace {

using config::TokenClaim;
using Texts = std::vector<std::string>;

/// What follows from the roles; nothing: this claim does not.
std::optional<std::vector<std::string>> values_of(TokenClaim kind, const Principal& principal)
{
    using Values = std::vector<std::string>;
    switch (kind) {
    case TokenClaim::roles:
        return principal.roles;
    case TokenClaim::role:
        return principal.roles.empty() ? Values{} : Values{principal.roles.front()};
    case TokenClaim::scope:
        return principal.scopes.empty() ? Values{} : Values{scope_text(principal.scopes)};
    case TokenClaim::value:
    case TokenClaim::list:
        break;
    }
    return std::nullopt;
}

} // namespace

const ToldClaims::Claim* ToldClaims::find(std::string_view path) const noexcept
{
    const auto found = std::ranges::find(claims, path, &Claim::path);
    return found == claims.end() ? nullptr : &*found;
}

ClaimQuestions::ClaimQuestions(const config::Settings& settings)
    : headers_(settings.identity.headers)
{
    for (const auto& header : headers_) ask(settings, header.claim);
    for (const auto& route : settings.routes) {
        for (const auto& rule : route.claims) ask(settings, rule.path);
        for (const auto* changes : {&route.request_headers, &route.response_headers}) {
            if (*changes) ask_for_headers(settings, **changes);
        }
    }
}

void ClaimQuestions::ask_for_headers(const config::Settings& settings,
                                     const config::HeaderChanges& changes)
{
    for (const auto* lines : {&changes.set, &changes.add}) {
        for (const auto& line : *lines) {
            const auto value = config::parse_template(line.value);
            if (!value) continue; // reading the settings has refused it
            for (const auto& part : value->parts) {
                if (part.kind == config::TemplatePart::Kind::claim) ask(settings, part.text);
            }
        }
    }
}

void ClaimQuestions::ask(const config::Settings& settings, const std::string& path)
{
    if (std::ranges::find(questions_, path, &Question::path) != questions_.end()) return;
    questions_.push_back({path, config::split_claim_path(path),
                          config::find_claim(settings, path).value_or(TokenClaim::value)});
}

std::shared_ptr<const ToldClaims> ClaimQuestions::answer(const json::Value& payload,
                                                         const Principal& principal) const
{
    ToldClaims told;
    for (const auto& question : questions_) {
        auto values = values_of(question.kind, principal);
        if (!values) values = claim_values(payload, question.names);
        told.claims.push_back({question.path, *std::move(values)});
    }
    write_texts(told);
    return std::make_shared<const ToldClaims>(std::move(told));
}

std::shared_ptr<const ToldClaims>
ClaimQuestions::answer_for_others(const json::Value& payload, const Principal& principal,
                                  const std::vector<std::string>& told_paths) const
{
    ToldClaims told;
    for (const auto& question : questions_) {
        auto values = values_of(question.kind, principal);
        const bool counts = std::ranges::find(told_paths, question.path) != told_paths.end();
        const bool is_user = question.path == "sub";
        if (enforced("foreign.sub_is_ours") && is_user) {
            values = std::vector{principal.user_id};
        } else if (!values && (counts || !enforced("foreign.told_claims"))) {
            values = claim_values(payload, question.names);
        }
        told.claims.push_back({question.path, std::move(values).value_or(Texts{})});
    }
    write_texts(told);
    return std::make_shared<const ToldClaims>(std::move(told));
}

std::shared_ptr<const ToldClaims> ClaimQuestions::answer_again(const ToldClaims& before,
                                                               const Principal& principal) const
{
    auto told = before;
    for (std::size_t i = 0; i < questions_.size(); ++i) {
        if (auto values = values_of(questions_[i].kind, principal)) {
            told.claims[i].values = *std::move(values);
        }
    }
    write_texts(told);
    return std::make_shared<const ToldClaims>(std::move(told));
}

void ClaimQuestions::write_texts(ToldClaims& told) const
{
    told.texts.clear();
    for (const auto& header : headers_) {
        told.texts.push_back(claim_text(told.find(header.claim)->values, header));
    }
}

} // namespace gatehouse::auth
