// Making a passkey, and what people do with those they have.
#include "auth/accounts/unicode.hpp"
#include "auth/jose/base64url.hpp"
#include "auth/passkeys/challenge.hpp"
#include "auth/passkeys/client_data.hpp"
#include "auth/service/passkeys.hpp"
#include "config/basics/enforced.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::auth {

using Kind = AuthError::Kind;
using passkeys::Ceremony;

namespace {

constexpr auto usual_name = "Passkey";
constexpr std::size_t longest_name = 64; // characters

/// One line that can be seen.
bool is_name(const std::string& text)
{
    const auto points = code_points(text);
    return points && !points->empty() && points->size() <= longest_name &&
           std::ranges::none_of(*points, is_unseen) &&
           std::ranges::any_of(*points, [](char32_t each) { return each != U' '; });
}

AuthError bad_name()
{
    return AuthError(std::vector<FieldProblem>{
        {"name", "is one line of 1 to 64 characters that can be seen"}
    });
}

passkeys::UserVerification verification(config::AuthenticatorWish wish) noexcept
{
    switch (wish) {
    case config::AuthenticatorWish::required:
        return passkeys::UserVerification::required;
    case config::AuthenticatorWish::preferred:
        return passkeys::UserVerification::preferred;
    case config::AuthenticatorWish::discouraged:
        break;
    }
    return passkeys::UserVerification::discouraged;
}

bool is_fresh(std::chrono::seconds max_age, const Principal& principal, Seconds now)
{
    if (max_age.count() == 0) return true;
    return principal.auth_time && now - *principal.auth_time <= max_age;
}

} // namespace

passkeys::Expected AuthService::Passkeys::expected(std::string challenge) const
{
    return {std::move(challenge), settings().rp_id, settings().all_origins(),
            verification(settings().user_verification)};
}

std::string AuthService::Passkeys::new_challenge(Ceremony ceremony, std::string_view user_id) const
{
    return passkeys::new_challenge(*rooms().keys.ring(), ceremony, user_id,
                                   rooms().clock.seconds() + settings().challenge_ttl);
}

Result<std::optional<std::string>, AuthError>
AuthService::Passkeys::take_challenge(Ceremony ceremony, std::string_view user_id,
                                      std::string_view client_data)
{
    auto said = passkeys::challenge_in(client_data);
    const auto until = said ? passkeys::read_challenge(*rooms().keys.ring(), ceremony, user_id,
                                                       *said, rooms().clock.seconds())
                            : std::nullopt;
    if (!until) return std::optional<std::string>();
    const auto spent = rooms().store.spend(passkeys::digest_of_challenge(*said), *until);
    if (!spent) return to_auth_error(spent.error());
    if (enforced("passkeys.challenge_once") && !*spent) return std::optional<std::string>();
    return said;
}

Result<passkeys::CreationOptions, AuthError>
AuthService::Passkeys::begin_registration(const Principal& principal, const Caller& caller)
{
    if (!settings().is_on()) return AuthError(Kind::not_configured);
    const auto now = rooms().clock.seconds();
    // Whoever has stolen a token, or found an unlocked screen, is not to have a key of their own.
    if (enforced("passkeys.fresh_login") && !is_fresh(settings().max_auth_age, principal, now)) {
        return AuthError(Kind::login_too_old);
    }
    const auto admitted = rooms().throttle.take_passkey_options(caller.address);
    if (!admitted) return to_auth_error(admitted.error());
    const auto user = service_.own_user(principal);
    if (!user) return user.error();
    const auto own = rooms().store.passkeys_of(user->id);
    if (!own) return to_auth_error(own.error());
    if (own->size() >= settings().max_per_user) return AuthError(Kind::too_many_passkeys);

    passkeys::CreationOptions options;
    options.rp_id = settings().rp_id;
    options.rp_name = settings().rp_name.empty() ? settings().rp_id : settings().rp_name;
    options.user_handle = user->id;
    options.user_name = user->username ? *user->username : user->email.value_or(user->id);
    options.challenge = new_challenge(Ceremony::registration, user->id);
    options.timeout = settings().challenge_ttl;
    for (const auto& each : *own) options.exclude.push_back({each.id, each.transports});
    options.resident_key = word_for(settings().resident_key);
    options.user_verification = word_for(settings().user_verification);
    return options;
}

Result<Passkey, AuthError> AuthService::Passkeys::finish_registration(
    const Principal& principal, const passkeys::MadeCredential& made,
    const std::optional<std::string>& name, const Caller& caller)
{
    if (!settings().is_on()) return AuthError(Kind::not_configured);
    const auto refuse = [&](AuthError error, std::string_view why = {}) {
        service_.note_refused(SecurityEventKind::passkey_add, to_string(error.kind),
                              principal.user_id, principal.session_id, caller, why);
        return error;
    };
    if (name && !is_name(*name)) return bad_name();
    const auto user = service_.own_user(principal);
    if (!user) return refuse(user.error());
    auto challenge = take_challenge(Ceremony::registration, user->id, made.client_data);
    if (!challenge) return refuse(challenge.error());
    if (!*challenge) return refuse(Kind::passkey_invalid, "wrong_challenge");

    const auto judged = passkeys::judge_registration({made.client_data, made.attestation_object},
                                                     expected(**std::move(challenge)),
                                                     passkeys::offered_algorithms());
    if (!judged) return refuse(Kind::passkey_invalid, to_string(judged.error()));
    if (judged->id != made.id) return refuse(Kind::passkey_invalid, "malformed");

    const auto id_text = jose::encode_base64url(judged->id);
    Passkey passkey{judged->id,
                    user->id,
                    name.value_or(usual_name),
                    judged->cose_key,
                    judged->aaguid,
                    made.transports,
                    judged->sign_count,
                    judged->backup_eligible,
                    judged->backed_up,
                    rooms().clock.seconds(),
                    {}};
    const auto kept = rooms().store.create_passkey(
        passkey, settings().max_per_user,
        service_.own_deed(SecurityEventKind::passkey_add, principal, caller, id_text));
    if (!kept) {
        // Somebody has it: who, and whether, is nobody's business.
        if (kept.error() == StoreError::name_taken) return refuse(Kind::passkey_invalid, "taken");
        if (kept.error() == StoreError::not_found) return refuse(Kind::token_revoked);
        return refuse(to_auth_error(kept.error()));
    }
    service_.note_done(SecurityEventKind::passkey_add, user->id, principal.session_id, caller,
                       id_text);
    return passkey;
}

Result<std::vector<Passkey>, AuthError> AuthService::Passkeys::list(const Principal& principal)
{
    if (!settings().is_on()) return AuthError(Kind::not_configured);
    auto own = rooms().store.passkeys_of(principal.user_id);
    if (!own) return to_auth_error(own.error());
    return *std::move(own);
}

Result<Passkey, AuthError> AuthService::Passkeys::rename(const Principal& principal,
                                                         std::string_view id,
                                                         const std::string& name,
                                                         const Caller& caller)
{
    if (!settings().is_on()) return AuthError(Kind::not_configured);
    if (!is_name(name)) return bad_name();
    // Somebody else's passkey does not exist for this user: the store changes only own ones.
    const auto kind = SecurityEventKind::passkey_rename;
    const auto id_text = jose::encode_base64url(id);
    const auto renamed = rooms().store.rename_passkey(
        id, principal.user_id, name,
        service_.deed(kind, principal.user_id, principal.session_id, caller, id_text));
    if (!renamed) return to_auth_error(renamed.error());
    if (!*renamed) return AuthError(Kind::not_found);
    service_.note_done(kind, principal.user_id, principal.session_id, caller, id_text);
    auto found = rooms().store.find_passkey(id);
    if (!found) return to_auth_error(found.error());
    auto& passkey = *found;
    if (!passkey || passkey->user_id != principal.user_id) return AuthError(Kind::not_found);
    return *std::move(passkey);
}

Result<void, AuthError> AuthService::Passkeys::remove(const Principal& principal,
                                                      std::string_view id, const Caller& caller)
{
    if (!settings().is_on()) return AuthError(Kind::not_configured);
    const auto id_text = jose::encode_base64url(id);
    const auto removed = rooms().store.delete_passkey(
        id, principal.user_id,
        service_.deed(SecurityEventKind::passkey_remove, principal.user_id, principal.session_id,
                      caller, id_text));
    if (!removed) return to_auth_error(removed.error());
    switch (*removed) {
    case PasskeyStore::Removal::unknown:
        return AuthError(Kind::not_found);
    case PasskeyStore::Removal::last_way_in:
        service_.note_refused(SecurityEventKind::passkey_remove, "last_way_in", principal.user_id,
                              principal.session_id, caller, id_text);
        return AuthError(Kind::last_way_in);
    case PasskeyStore::Removal::done:
        break;
    }
    service_.note_done(SecurityEventKind::passkey_remove, principal.user_id, principal.session_id,
                       caller, id_text);
    return {};
}

} // namespace gatehouse::auth
