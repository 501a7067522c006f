// How codes are judged, and what they open: the second half of a login, and a better proof for a
// session that is there.
#include "auth/basics/id.hpp"
#include "auth/jose/base64url.hpp"
#include "auth/passkeys/challenge.hpp"
#include "auth/secondfactor/recovery_codes.hpp"
#include "auth/secondfactor/totp.hpp"
#include "auth/service/field_error.hpp"
#include "auth/service/found_user.hpp"
#include "auth/service/proof.hpp"
#include "auth/service/second_factors.hpp"
#include "config/basics/enforced.hpp"

#include <sodium.h>

#include <algorithm>
#include <utility>

namespace gatehouse::auth {

using Kind = AuthError::Kind;
using namespace std::chrono_literals;

namespace {

/// Another password is another standing, and so are other passkeys where one was shown. The hash
/// has a salt that nobody knows: half of a digest of it tells nothing.
std::string standing_of(const User& user, const std::vector<Passkey>& passkeys)
{
    std::string input("login-standing:");
    input.append(user.id).push_back('\0');
    input.append(user.password_hash);
    for (const auto& each : passkeys) input.append(1, '\0').append(jose::encode_base64url(each.id));
    std::string digest(crypto_hash_sha256_BYTES, '\0');
    ::crypto_hash_sha256(reinterpret_cast<unsigned char*>(digest.data()),
                         reinterpret_cast<const unsigned char*>(input.data()), input.size());
    return jose::encode_base64url(digest.substr(0, 16));
}

std::vector<std::string> with_code(std::vector<std::string> amr)
{
    for (const auto* word : {amr_code, amr_factors}) {
        if (std::ranges::find(amr, word) == amr.end()) amr.emplace_back(word);
    }
    return amr;
}

bool is_two_factors(const std::vector<std::string>& amr)
{
    return std::ranges::find(amr, amr_factors) != amr.end();
}

} // namespace

Result<std::optional<AuthError::NextStep>, AuthError>
AuthService::SecondFactors::next_step(const User& user, const std::vector<std::string>& amr) const
{
    using Step = std::optional<AuthError::NextStep>;
    if (is_two_factors(amr)) return Step();
    const auto factor = rooms().store.find_second_factor(user.id);
    if (!factor) return to_auth_error(factor.error());
    if (!*factor || !(*factor)->in_force) return Step();
    const auto standing = standing_after(user, amr);
    if (!standing) return standing.error();
    const auto now = rooms().clock.seconds();
    const auto life = settings().second_factor.login_ttl;
    const LoginClaims claims{user.id, Id128::random().to_string(), *standing, amr, now, now + life};
    return Step({Secret(service_.issuer_.login(*rooms().keys.ring(), claims)), life,
                 (*factor)->codes_left > 0});
}

Result<std::string, AuthError>
AuthService::SecondFactors::standing_after(const User& user,
                                           const std::vector<std::string>& amr) const
{
    if (std::ranges::find(amr, amr_possession) == amr.end()) return standing_of(user, {});
    const auto passkeys = rooms().store.passkeys_of(user.id);
    if (!passkeys) return to_auth_error(passkeys.error());
    return standing_of(user, *passkeys);
}

Result<bool, AuthError> AuthService::SecondFactors::still_stands(const LoginClaims& claims)
{
    const auto found = rooms().store.find_user(claims.user_id);
    if (!found) return to_auth_error(found.error());
    const auto& user = *found;
    if (!user || user->blocked) return false;
    const auto standing = standing_after(*user, claims.amr);
    if (!standing) return standing.error();
    return !enforced("login_token.standing") || *standing == claims.standing;
}

Result<Grant, AuthError> AuthService::SecondFactors::login_with_code(const CodeLogin& login,
                                                                     const Caller& caller)
{
    if (login.code.empty()) return one_field("code", "is needed");
    const auto token = login.login_token.reveal();
    const auto claims =
        service_.verifier_.login(*rooms().keys.ring(), token, rooms().clock.seconds());
    const auto refuse = [&](AuthError error) {
        service_.note_refused(SecurityEventKind::login, to_string(error.kind),
                              claims ? claims->user_id : std::string_view(), "", caller);
        return error;
    };
    if (!claims) return refuse(Kind::login_token_invalid);
    const auto stands = still_stands(*claims);
    if (!stands) return refuse(stands.error());
    if (!*stands) return refuse(Kind::login_token_invalid);
    const auto found = rooms().store.find_user(claims->user_id);
    if (!found) return refuse(to_auth_error(found.error()));
    if (!*found) return refuse(Kind::login_token_invalid);

    const GoodOnce ticket{passkeys::digest_of_challenge(token), claims->expires_at};
    const auto judged = judge_code(**found, login.code, "", caller, ticket);
    if (!judged) {
        // It was taken away meanwhile: whoever logs in again needs none.
        const bool gone = judged.error().kind == Kind::not_found;
        return refuse(gone ? AuthError(Kind::login_token_invalid) : judged.error());
    }
    const Proof proof{with_code(claims->amr), [&] { return still_stands(*claims); }};
    auto granted = service_.sign_in(**found, proof, login.delivery, caller);
    if (granted) return granted;
    const bool changed = granted.error().kind == Kind::invalid_credentials;
    return refuse(changed ? AuthError(Kind::login_token_invalid) : granted.error());
}

Result<LoginSlot, AuthError> AuthService::SecondFactors::take_code_slot(const User& user,
                                                                        const Caller& caller) const
{
    // Not those of the password: whoever guesses at one keeps nobody from the other.
    const FoundUser found{user, "code:" + user.id};
    const auto device = service_.known_device(found, caller);
    const auto slot = rooms().throttle.take_login(found.throttle_key, caller.address, device);
    if (slot) return *slot;
    if (!slot.error().retry_after) return to_auth_error(StoreError::unavailable);
    return AuthError(Kind::too_many_attempts, *slot.error().retry_after);
}

Result<void, AuthError>
AuthService::SecondFactors::judge_code(const User& user, const Secret& code,
                                       std::string_view session_id, const Caller& caller,
                                       const std::optional<GoodOnce>& ticket)
{
    const auto factor = rooms().store.find_second_factor(user.id);
    if (!factor) return to_auth_error(factor.error());
    if (!*factor || !(*factor)->in_force) return AuthError(Kind::not_found);
    // Before the code is looked at: of guesses in parallel no more are judged than in a row.
    const auto slot = take_code_slot(user, caller);
    if (!slot) return slot.error();
    const auto typed = read_typed_code(code.reveal());
    auto right = Result<bool, AuthError>(false);
    if (typed && typed->kind == TypedCode::Kind::totp) {
        right = spend_totp(user, **factor, typed->text, ticket);
    } else if (typed) {
        right = spend_recovery_code(user, typed->text, session_id, caller, ticket);
    }
    if (!right) {
        rooms().throttle.give_back(*slot);
        return right.error();
    }
    if (enforced("second_factor.code") && !*right) return AuthError(Kind::invalid_code);
    rooms().throttle.succeeded(*slot);
    return {};
}

/// With the ticket in one write, as an app's code: of the few codes there are, a login takes one.
Result<bool, AuthError>
AuthService::SecondFactors::spend_recovery_code(const User& user, const Secret& code,
                                                std::string_view session_id, const Caller& caller,
                                                const std::optional<GoodOnce>& ticket)
{
    const auto kind = SecurityEventKind::recovery_code_use;
    auto done = service_.deed(kind, user.id, session_id, caller);
    done.ticket = ticket;
    const auto used =
        rooms().store.use_recovery_code(user.id, recovery_code_digest(user.id, code), done);
    if (!used) return to_auth_error(used.error());
    if (*used) service_.note_done(kind, user.id, session_id, caller);
    return *used;
}

Result<bool, AuthError>
AuthService::SecondFactors::spend_totp(const User& user, const SecondFactor& factor,
                                       const Secret& code, const std::optional<GoodOnce>& ticket)
{
    const auto opened = totp_secret(user.id, factor);
    if (!opened) return opened.error();
    const auto step =
        judge_totp(opened->text, code.reveal(), rooms().clock.seconds(), factor.last_used);
    if (!step) return false;
    auto sealed = factor.sealed;
    if (opened->is_outdated) {
        const auto seal = rooms().second_factor_seal->for_sealing();
        if (seal) sealed = seal->seal(opened->text, SecondFactorSeal::name_of(user.id));
    }
    const auto used = rooms().store.use_totp(user.id, factor.sealed, *step, sealed, ticket);
    if (!used) return to_auth_error(used.error());
    return *used;
}

Result<KeySeal::Opened, AuthError>
AuthService::SecondFactors::totp_secret(std::string_view user_id, const SecondFactor& factor) const
{
    const AuthError cannot(Kind::store_unavailable, 1s);
    if (rooms().second_factor_seal == nullptr) return cannot;
    auto opened = rooms().second_factor_seal->open(user_id, factor.sealed);
    if (!opened) return cannot;
    return *std::move(opened);
}

Result<Grant, AuthError> AuthService::SecondFactors::step_up(const Principal& principal,
                                                             const Secret& code,
                                                             const Caller& caller)
{
    const auto kind = SecurityEventKind::step_up;
    const auto refuse = [&](AuthError error) {
        service_.note_refused(kind, to_string(error.kind), principal.user_id, principal.session_id,
                              caller);
        return error;
    };
    if (code.empty()) return one_field("code", "is needed");
    const auto user = service_.own_user(principal);
    if (!user) return refuse(user.error());
    const auto judged = judge_code(*user, code, principal.session_id, caller);
    if (!judged) return refuse(judged.error());
    // Whoever loses the race for the conditional write adds to what the winner wrote.
    for (int attempt = 0; attempt < 4; ++attempt) {
        const auto found = rooms().store.find_session(principal.session_id);
        if (!found) return refuse(to_auth_error(found.error()));
        if (!*found || (*found)->ended_at || (*found)->user_id != user->id) {
            return refuse(Kind::token_revoked);
        }
        auto session = **found;
        const bool is_over = service_.terms().is_over(session, rooms().clock.seconds());
        if (enforced("second_factor.session_lasts") && is_over) return refuse(Kind::token_revoked);
        const auto better = with_code(session.amr);
        const auto replaced = rooms().store.replace_amr(
            session.id, session.amr, better, service_.deed(kind, user->id, session.id, caller));
        if (!replaced) return refuse(to_auth_error(replaced.error()));
        if (!*replaced) continue;
        service_.note_done(kind, user->id, session.id, caller);
        session.amr = better;
        return service_.grant(*user, session, rooms().clock.seconds());
    }
    return refuse(Kind::token_revoked); // expired, as far as anybody knows
}

} // namespace gatehouse::auth
