#include "auth/tokens/told_claims.hpp"

#include "auth/tokens/claim_text.hpp"
#include "auth/tokens/scopes.hpp"
#include "config/claims/claim_path.hpp"

#include <algorithm>
#include <optional>
#include <span>

namespace gatehouse::auth {
namespace {

using config::TokenClaim;

std::optional<std::string> text_of(const json::Value& value)
{
    if (const auto* text = value.string()) return *text;
    if (const auto number = value.integer()) return std::to_string(*number);
    if (const auto truth = value.boolean()) return *truth ? "true" : "false";
    return std::nullopt;
}

const json::Value* find(const json::Value& payload, std::span<const std::string> names)
{
    const auto* value = &payload;
    for (const auto& name : names) {
        if (value != nullptr) value = value->find(name);
    }
    return value;
}

/// A list counts as a whole: with an element in it that cannot be compared there are no values.
std::vector<std::string> values_of(const json::Value* value)
{
    std::vector<std::string> values;
    if (value == nullptr) return values;
    const std::span<const json::Value> all =
        value->array() == nullptr ? std::span(value, 1) : std::span(*value->array());
    for (const auto& each : all) {
        auto text = text_of(each);
        if (!text) return {};
        values.push_back(*std::move(text));
    }
    return values;
}

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
        if (!values) values = values_of(auth::find(payload, question.names));
        told.claims.push_back({question.path, *std::move(values)});
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
