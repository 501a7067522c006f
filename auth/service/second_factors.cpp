// How users set up a second factor of their own, and take it away.
#include "auth/service/second_factors.hpp"

#include "auth/secondfactor/base32.hpp"
#include "auth/secondfactor/qr_code.hpp"
#include "auth/secondfactor/recovery_codes.hpp"
#include "auth/service/field_error.hpp"
#include "config/basics/enforced.hpp"

#include <utility>

namespace gatehouse::auth {

using Kind = AuthError::Kind;
using namespace std::chrono_literals;

namespace {

std::string account_label(const User& user)
{
    if (user.username) return *user.username;
    return user.email.value_or(user.id);
}

std::vector<std::string> digests_of(std::string_view user_id, const std::vector<Secret>& codes)
{
    std::vector<std::string> digests;
    for (const auto& code : codes) {
        if (const auto typed = read_typed_code(code.reveal())) {
            digests.push_back(recovery_code_digest(user_id, typed->text));
        }
    }
    return digests;
}

bool may_set_up(config::TotpMode mode, const SecondFactorSeal* seal) noexcept
{
    return mode != config::TotpMode::off && seal != nullptr && seal->is_possible();
}

} // namespace

Result<SecondFactorState, AuthError> AuthService::SecondFactors::state(const Principal& principal)
{
    const auto user = service_.own_user(principal);
    if (!user) return user.error();
    const auto factor = rooms().store.find_second_factor(user->id);
    if (!factor) return to_auth_error(factor.error());
    if (!*factor || !(*factor)->in_force) return SecondFactorState();
    return SecondFactorState{true, (*factor)->codes_left};
}

Result<TotpEnrolment, AuthError> AuthService::SecondFactors::begin_totp(const Principal& principal,
                                                                        const Secret& current,
                                                                        const Caller& caller,
                                                                        HashPlace place)
{
    const auto refuse = [&](AuthError error) {
        service_.note_refused(SecurityEventKind::second_factor_add, to_string(error.kind),
                              principal.user_id, principal.session_id, caller);
        return error;
    };
    if (!may_set_up(settings().second_factor.totp, rooms().second_factor_seal)) {
        return AuthError(Kind::not_configured);
    }
    if (current.empty()) return one_field("currentPassword", "is needed to set this up");
    const auto user = service_.own_user(principal);
    if (!user) return refuse(user.error());
    const auto judged = service_.judge_own_password(*user, current, caller, place);
    if (!judged) return refuse(judged.error());
    const auto still = service_.still_signed_in(principal);
    if (!still) return refuse(still.error());
    const auto seal = rooms().second_factor_seal->for_sealing();
    if (!seal) return AuthError(Kind::store_unavailable, 1s);
    const auto secret = new_totp_secret();
    const auto begun = rooms().store.begin_second_factor(
        user->id, seal->seal(secret, SecondFactorSeal::name_of(user->id)), rooms().clock.seconds());
    if (!begun) {
        if (begun.error() == StoreError::unavailable) return to_auth_error(begun.error());
        const bool active = begun.error() == StoreError::name_taken;
        return refuse(active ? Kind::second_factor_active : Kind::token_revoked);
    }
    const auto& issuer = settings().second_factor.issuer;
    TotpEnrolment enrolment;
    enrolment.secret = Secret(encode_base32(secret.reveal()));
    enrolment.uri =
        totp_uri(secret, issuer.empty() ? settings().tokens.issuer : issuer, account_label(*user));
    enrolment.qr = qr_code_svg(enrolment.uri.reveal()).value_or(Secret());
    return enrolment;
}

Result<SecondFactor, AuthError> AuthService::SecondFactors::begun_totp(const User& user)
{
    auto factor = rooms().store.find_second_factor(user.id);
    if (!factor) return to_auth_error(factor.error());
    auto& begun = *factor;
    if (!begun) return AuthError(Kind::not_found);
    if (begun->in_force) return AuthError(Kind::second_factor_active);
    const auto until = begun->created + settings().second_factor.enrolment_ttl;
    if (enforced("second_factor.enrolment_ttl") && rooms().clock.seconds() >= until) {
        return AuthError(Kind::not_found);
    }
    return *std::move(begun);
}

Result<std::vector<Secret>, AuthError>
AuthService::SecondFactors::confirm_totp(const Principal& principal, const Secret& code,
                                         const Caller& caller)
{
    const auto kind = SecurityEventKind::second_factor_add;
    const auto refuse = [&](AuthError error) {
        service_.note_refused(kind, to_string(error.kind), principal.user_id, principal.session_id,
                              caller);
        return error;
    };
    if (!may_set_up(settings().second_factor.totp, rooms().second_factor_seal)) {
        return AuthError(Kind::not_configured);
    }
    if (code.empty()) return one_field("code", "is needed");
    const auto user = service_.own_user(principal);
    if (!user) return refuse(user.error());
    const auto begun = begun_totp(*user);
    if (!begun) return refuse(begun.error());
    const auto slot = take_code_slot(*user, caller);
    if (!slot) return refuse(slot.error());
    const auto opened = totp_secret(user->id, *begun);
    if (!opened) {
        rooms().throttle.give_back(*slot);
        return opened.error();
    }
    const auto typed = read_typed_code(code.reveal());
    const auto step =
        typed ? judge_totp(opened->text, typed->text.reveal(), rooms().clock.seconds(), -1)
              : std::nullopt;
    if (!step) return refuse(Kind::invalid_code);
    rooms().throttle.succeeded(*slot);
    auto codes = new_recovery_codes();
    const auto confirmed = rooms().store.confirm_second_factor(
        user->id, begun->sealed, *step, digests_of(user->id, codes),
        service_.own_deed(kind, principal, caller));
    if (!confirmed) {
        if (confirmed.error() == StoreError::not_found) return refuse(Kind::token_revoked);
        return to_auth_error(confirmed.error());
    }
    if (!*confirmed) return refuse(Kind::not_found); // begun anew, or confirmed, just now
    service_.note_done(kind, user->id, principal.session_id, caller);
    return codes;
}

Result<User, AuthError> AuthService::SecondFactors::judge_both(const Principal& principal,
                                                               const Secret& current,
                                                               const Secret& code,
                                                               const Caller& caller,
                                                               const HashPlace& place)
{
    std::vector<FieldProblem> problems;
    if (current.empty()) problems.push_back({"currentPassword", "is needed"});
    if (code.empty()) problems.push_back({"code", "is needed"});
    if (!problems.empty()) return AuthError(std::move(problems));
    auto user = service_.own_user(principal);
    if (!user) return user;
    // The password first: a code is spent by being shown.
    const auto known = service_.judge_own_password(*user, current, caller, place);
    if (!known) return known.error();
    const auto judged = judge_code(*user, code, principal.session_id, caller);
    if (!judged) return judged.error();
    if (const auto still = service_.still_signed_in(principal); !still) return still.error();
    return user;
}

Result<void, AuthError>
AuthService::SecondFactors::remove_totp(const Principal& principal, const Secret& current,
                                        const Secret& code, const Caller& caller, HashPlace place)
{
    const auto kind = SecurityEventKind::second_factor_remove;
    const auto user = judge_both(principal, current, code, caller, place);
    if (!user) {
        service_.note_refused(kind, to_string(user.error().kind), principal.user_id,
                              principal.session_id, caller);
        return user.error();
    }
    const auto removed = rooms().store.remove_second_factor(
        user->id, service_.deed(kind, user->id, principal.session_id, caller));
    if (!removed) return to_auth_error(removed.error());
    if (*removed) service_.note_done(kind, user->id, principal.session_id, caller);
    return {};
}

Result<std::vector<Secret>, AuthError>
AuthService::SecondFactors::renew_recovery_codes(const Principal& principal, const Secret& current,
                                                 const Secret& code, const Caller& caller,
                                                 HashPlace place)
{
    const auto kind = SecurityEventKind::recovery_codes_renew;
    const auto refuse = [&](AuthError error) {
        service_.note_refused(kind, to_string(error.kind), principal.user_id, principal.session_id,
                              caller);
        return error;
    };
    const auto user = judge_both(principal, current, code, caller, place);
    if (!user) return refuse(user.error());
    auto codes = new_recovery_codes();
    const auto replaced = rooms().store.replace_recovery_codes(
        user->id, digests_of(user->id, codes),
        service_.deed(kind, user->id, principal.session_id, caller));
    if (!replaced) return to_auth_error(replaced.error());
    if (!*replaced) return refuse(Kind::not_found);
    service_.note_done(kind, user->id, principal.session_id, caller);
    return codes;
}

} // namespace gatehouse::auth
