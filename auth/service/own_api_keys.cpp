// What users do with their own API keys, and how whoever has one gets rid of it (RFC 7009).
#include "auth/basics/id.hpp"
#include "auth/service/auth_service.hpp"
#include "auth/service/revocation_life.hpp"
#include "config/basics/enforced.hpp"

namespace gatehouse::auth {

using Kind = AuthError::Kind;

Result<std::vector<ApiKey>, AuthError> AuthService::list_api_keys(const Principal& principal)
{
    auto keys = rooms_.store.api_keys_of(principal.user_id);
    if (!keys) return to_auth_error(keys.error());
    const auto now = rooms_.clock.seconds();
    std::erase_if(*keys, [now](const ApiKey& key) {
        return key.revoked_at || (key.expires_at && now >= *key.expires_at);
    });
    return *std::move(keys);
}

Result<void, AuthError> AuthService::revoke_api_key(const Principal& principal, std::string_view id,
                                                    const Caller& caller)
{
    if (!Id128::parse(id)) return AuthError(Kind::not_found);
    const auto found = rooms_.store.find_api_key(id);
    if (!found) return to_auth_error(found.error());
    const auto& key = *found;
    if (!key || key->revoked_at) return AuthError(Kind::not_found);
    // Somebody else's key does not exist for this user.
    if (enforced("api_keys.own") && key->user_id != principal.user_id) {
        return AuthError(Kind::not_found);
    }
    auto as_key = principal;
    as_key.api_key = key->id;
    return revoke_own_api_key(as_key, caller);
}

Result<void, AuthError> AuthService::revoke_own_api_key(const Principal& principal,
                                                        const Caller& caller)
{
    SecurityEvent event{SecurityEventKind::apikey_revoke,
                        "ok",
                        principal.user_id,
                        principal.session_id,
                        caller.address,
                        caller.request_id,
                        rooms_.clock.now(),
                        principal.api_key};
    const auto deed = settings_.audit.store ? Deed(record_of(event)) : Deed(event.at);
    const auto revoked = rooms_.store.revoke_api_key(principal.api_key, deed);
    if (!revoked) return to_auth_error(revoked.error());
    // Also where it was revoked before: by another process, whose word may still be on the way.
    if (rooms_.api_keys != nullptr) {
        rooms_.api_keys->revoke(principal.api_key,
                                refused_until(settings_.tokens, rooms_.clock.seconds()));
    }
    event.is_in_store = true;
    if (*revoked) rooms_.log.record(event);
    return {};
}

} // namespace gatehouse::auth
