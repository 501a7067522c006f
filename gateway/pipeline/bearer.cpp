#include "gateway/pipeline/bearer.hpp"

#include "config/basics/enforced.hpp"
#include "gateway/http/field_syntax.hpp"

#include <algorithm>

namespace gatehouse::gateway {

Result<std::string_view, auth::TokenError> bearer_token(std::span<const Field> fields) noexcept
{
    const Field* found = nullptr;
    for (const auto& field : fields) {
        if (!equal_ignoring_case(field.name, "authorization")) continue;
        // Which of two would a backend read? Nobody knows, so neither counts.
        if (enforced("bearer.one_field") && found != nullptr) return auth::TokenError::ambiguous;
        found = &field;
    }
    if (found == nullptr) return auth::TokenError::missing;
    const auto& value = found->value;
    const auto* const scheme_end = std::ranges::find_if(value, is_blank);
    const auto scheme = value.substr(0, static_cast<std::size_t>(scheme_end - value.begin()));
    if (enforced("bearer.scheme") && !equal_ignoring_case(scheme, "bearer"))
        return auth::TokenError::missing;
    auto token = value.substr(scheme.size());
    while (token.starts_with(' ')) token.remove_prefix(1);
    if (token.empty()) return auth::TokenError::missing;
    return token;
}

} // namespace gatehouse::gateway
