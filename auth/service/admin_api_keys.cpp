#include "auth/apikeys/api_key_text.hpp"
#include "auth/service/admin_service.hpp"

namespace gatehouse::auth {

using Kind = AuthError::Kind;

Result<IssuedApiKey, AuthError> AdminService::create_api_key(std::string_view who,
                                                             const ApiKeyWish& wish)
{
    auto problems = problems_of(wish);
    if (!problems.empty()) return AuthError(std::move(problems));
    const auto user = find_user(who);
    if (!user) return user.error();
    auto issued = issue_api_key(wish, user->id, rooms_.clock.seconds());
    const auto detail = described(issued.key);
    const auto stored = rooms_.store.create_api_key(
        issued.key, deed(SecurityEventKind::apikey_create, user->id, {}, detail));
    if (!stored) return to_auth_error(stored.error());
    note(SecurityEventKind::apikey_create, user->id, {}, detail);
    return issued;
}

Result<std::vector<ApiKey>, AuthError> AdminService::api_keys_of(std::string_view who)
{
    const auto user = find_user(who);
    if (!user) return user.error();
    auto keys = rooms_.store.api_keys_of(user->id);
    if (!keys) return to_auth_error(keys.error());
    return *std::move(keys);
}

Result<std::vector<ApiKey>, AuthError> AdminService::list_api_keys(std::string_view after,
                                                                   std::size_t limit)
{
    auto keys = rooms_.store.list_api_keys(after, limit);
    if (!keys) return to_auth_error(keys.error());
    return *std::move(keys);
}

Result<void, AuthError> AdminService::revoke_api_key(std::string_view which)
{
    const auto proof = read_api_key(which);
    const auto id = proof ? proof->id.to_string() : std::string(which);
    const auto key = rooms_.store.find_api_key(id);
    if (!key) return to_auth_error(key.error());
    if (!*key) return AuthError(Kind::not_found);
    const auto& owner = (*key)->user_id;
    const auto revoked =
        rooms_.store.revoke_api_key(id, deed(SecurityEventKind::apikey_revoke, owner, {}, id));
    if (!revoked) return to_auth_error(revoked.error());
    // Also where it was revoked before: by another process, whose word may still be on the way.
    apply_here(ChangeKind::api_key_revoked, id);
    if (!*revoked) return AuthError(Kind::not_found);
    note(SecurityEventKind::apikey_revoke, owner, {}, id);
    return {};
}

} // namespace gatehouse::auth
