#include "gateway/pipeline/credential.hpp"

#include "auth/apikeys/api_key_text.hpp"
#include "config/basics/enforced.hpp"
#include "gateway/http/field_syntax.hpp"
#include "gateway/http/websocket_handshake.hpp"
#include "gateway/pipeline/bearer.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::gateway {
namespace {

using auth::TokenError;

/// Calls `use(value)` for every cookie of that name, in order.
template <class Use>
void each_cookie(std::span<const Field> fields, std::string_view name, Use use) noexcept
{
    for (const auto& field : fields) {
        if (!equal_ignoring_case(field.name, "Cookie")) continue;
        for (auto rest = field.value; !rest.empty();) {
            const auto end = std::min(rest.find(';'), rest.size());
            const auto pair = trimmed(rest.substr(0, end));
            rest.remove_prefix(std::min(end + 1, rest.size()));
            const auto equals = pair.find('=');
            if (equals == std::string_view::npos || pair.substr(0, equals) != name) continue;
            use(pair.substr(equals + 1));
        }
    }
}

} // namespace

Result<std::string_view, TokenError> token_in_cookie(std::span<const Field> fields,
                                                     std::string_view name) noexcept
{
    std::string_view token;
    bool begun = false;
    bool differ = false;
    each_cookie(fields, name, [&](std::string_view value) {
        if (std::exchange(begun, true)) {
            differ = differ || value != token;
        } else {
            token = value;
        }
    });
    if (enforced("credential.one_cookie") && differ) return TokenError::ambiguous;
    if (token.empty()) return TokenError::missing;
    return token;
}

bool has_cookie(std::span<const Field> fields, std::string_view name) noexcept
{
    bool found = false;
    each_cookie(fields, name, [&](std::string_view) { found = true; });
    return found;
}

namespace {

/// What stands behind `bearer`, which is the first protocol and the only one of that name.
Result<std::string_view, TokenError> token_in_protocols(std::span<const Field> fields) noexcept
{
    std::string_view token;
    std::size_t place = 0;
    bool has_bearer = false;
    bool elsewhere = false;
    for_each_protocol(fields, [&](std::string_view protocol) {
        if (place == 0) {
            has_bearer = protocol == bearer_protocol;
        } else if (place == 1 && has_bearer) {
            token = protocol;
        } else {
            elsewhere = elsewhere || protocol == bearer_protocol;
        }
        ++place;
    });
    // Which of two would somebody else read?
    if (enforced("credential.one_bearer_protocol") && elsewhere) return TokenError::ambiguous;
    if (token.empty()) return TokenError::missing;
    return token;
}

bool has_authorization(std::span<const Field> fields) noexcept
{
    return std::ranges::any_of(fields, [](const Field& field) {
        return equal_ignoring_case(field.name, "authorization");
    });
}

} // namespace

Result<Credential, TokenError> credential_of_handshake(std::span<const Field> fields,
                                                       std::string_view cookie_name) noexcept
{
    if (!(enforced("credential.authorization_first") && has_authorization(fields))) {
        const auto named = token_in_protocols(fields);
        if (named) return Credential{*named, false};
        if (named.error() != TokenError::missing) return named.error();
    }
    return credential_of(fields, cookie_name);
}

Result<Credential, TokenError> credential_of(std::span<const Field> fields,
                                             std::string_view cookie_name) noexcept
{
    // No browser adds an Authorization by itself: whoever sends one means it.
    const auto bearer = bearer_token(fields);
    if (bearer) return Credential{*bearer, false};
    if (cookie_name.empty() || bearer.error() != TokenError::missing) return bearer.error();
    const auto cookie = token_in_cookie(fields, cookie_name);
    if (!cookie) return cookie.error();
    // No login put it there, and it has no session that a proof of the own page could rest on.
    if (enforced("credential.no_api_key_in_cookie") && auth::looks_like_api_key(*cookie)) {
        return TokenError::wrong_type;
    }
    return Credential{*cookie, true};
}

} // namespace gatehouse::gateway
