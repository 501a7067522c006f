#include "auth/tokens/scopes.hpp"

#include "config/basics/enforced.hpp"
#include "config/forms/forms.hpp"

#include <algorithm>

namespace gatehouse::auth {

std::vector<std::string> scopes_of(const config::RoleScopes& by_role,
                                   std::span<const std::string> roles)
{
    std::vector<std::string> scopes;
    const auto add = [&](const std::string& role) {
        const auto brought = by_role.find(role);
        if (brought == by_role.end()) return;
        for (const auto& scope : brought->second) {
            if (std::ranges::find(scopes, scope) == scopes.end()) scopes.push_back(scope);
        }
    };
    add("*");
    for (const auto& role : roles) add(role);
    return scopes;
}

std::string scope_text(std::span<const std::string> scopes)
{
    std::string text;
    for (const auto& scope : scopes) {
        if (!text.empty()) text += ' ';
        text += scope;
    }
    return text;
}

Result<std::vector<std::string>, TokenError> read_scopes(const json::Value& payload)
{
    std::vector<std::string> scopes;
    const auto* value = payload.find("scope");
    if (value == nullptr) return scopes;
    const auto* text = value->string();
    if (text == nullptr) return TokenError::malformed;
    for (std::string_view rest = *text;;) {
        const auto end = std::min(rest.find(' '), rest.size());
        scopes.emplace_back(rest.substr(0, end));
        const bool fits = !config::forms::scope.check(scopes.back());
        if (enforced("tokens.scope") && !fits) return TokenError::malformed;
        if (end == rest.size()) return scopes;
        rest.remove_prefix(end + 1);
    }
}

} // namespace gatehouse::auth
