#include "config/claims/token_claims.hpp"

#include "config/claims/claim_path.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace gatehouse::config {
namespace {

std::optional<TokenClaim> own_claim(const Settings& settings, std::string_view name)
{
    constexpr std::array<std::string_view, 7> plain{"iss", "sub", "iat",      "exp",
                                                    "jti", "sid", "auth_time"};
    if (name == "roles") return TokenClaim::roles;
    if (name == "scope") return TokenClaim::scope;
    if (name == "amr") return TokenClaim::list;
    if (name == "aud") {
        return settings.tokens.audience.size() > 1 ? TokenClaim::list : TokenClaim::value;
    }
    if (std::ranges::find(plain, name) != plain.end()) return TokenClaim::value;
    return std::nullopt;
}

std::optional<TokenClaim> drawn_claim(const Shape& shape, std::span<const std::string> names)
{
    const auto member = std::ranges::find(shape.members, names.front(), &Shape::Member::name);
    if (member == shape.members.end()) return std::nullopt;
    const auto rest = names.subspan(1);
    const auto* inner = std::get_if<Shape>(&member->value);
    if (inner != nullptr) return rest.empty() ? std::nullopt : drawn_claim(*inner, rest);
    if (!rest.empty()) return std::nullopt;
    const auto* fill = std::get_if<Fill>(&member->value);
    if (fill != nullptr && *fill == Fill::role) return TokenClaim::role;
    if (fill != nullptr && *fill == Fill::roles) return TokenClaim::roles;
    return TokenClaim::value;
}

} // namespace

std::optional<TokenClaim> find_claim(const Settings& settings, std::string_view path)
{
    const auto names = split_claim_path(path);
    if (names.empty()) return std::nullopt;
    if (names.size() == 1) {
        if (const auto own = own_claim(settings, names.front())) return own;
    }
    return drawn_claim(settings.auth.contract.claims, names);
}

bool is_told_by_others(const Settings& settings, std::string_view path)
{
    return std::ranges::any_of(settings.issuers, [&](const auto& named) {
        const auto& told = named.second.told_claims;
        return std::ranges::find(told, path) != told.end();
    });
}

} // namespace gatehouse::config
