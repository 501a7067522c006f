#include "auth/accounts/names.hpp"
#include "auth/accounts/passwords.hpp"
#include "auth/basics/id.hpp"
#include "auth/service/found_user.hpp"
#include "auth/service/invites.hpp"
#include "auth/service/new_account.hpp"
#include "auth/service/proof.hpp"
#include "auth/service/second_factors.hpp"
#include "config/basics/enforced.hpp"

#include <utility>

namespace gatehouse::auth {

using Kind = AuthError::Kind;
using namespace std::chrono_literals;

namespace {

AuthError busy()
{
    return {Kind::overloaded, 1s};
}

bool may_register(config::Registration mode, const Registration& registration)
{
    switch (mode) {
    case config::Registration::open:
        return true;
    case config::Registration::invite:
        return !enforced("register.invite") || registration.invite.has_value();
    case config::Registration::closed:
        return !enforced("register.closed");
    }
    return false;
}

} // namespace

Result<Grant, AuthError> AuthService::register_user(const Registration& registration,
                                                    const Caller& caller, HashPlace place)
{
    const auto refuse = [&](AuthError error) {
        note_refused(SecurityEventKind::user_register, to_string(error.kind), "", "", caller);
        return error;
    };
    if (!may_register(settings_.registration, registration)) {
        return refuse(Kind::registration_closed);
    }
    auto account = read_new_account(registration.credentials, settings_.passwords);
    if (settings_.require_verified_email && !registration.credentials.email) {
        account.problems.push_back({"email", "is needed, for it has to be verified"});
    }
    if (!account.problems.empty()) return AuthError(std::move(account.problems));

    const auto admitted = rooms_.throttle.take_registration(caller.address);
    if (!admitted) return refuse(to_auth_error(admitted.error()));
    const auto hash = rooms_.hasher.hash(account.password.reveal(), place);
    if (!hash) return busy();

    auto& user = account.user;
    user.id = Id128::random().to_string();
    user.password_hash = *hash;
    user.created = rooms_.clock.seconds();
    user.roles = settings_.auth.contract.registration.roles;
    std::optional<std::string> invite;
    if (settings_.registration == config::Registration::invite && registration.invite) {
        invite = invite_hash(registration.invite->reveal());
    }
    if (is_kept_out(user)) {
        auto outcome = register_without_session(user, invite, caller);
        if (outcome.kind == Kind::email_unverified) return outcome;
        return refuse(std::move(outcome));
    }
    // One transaction: nobody whose registration failed finds the name taken, by an account of
    // which nobody was told.
    const auto session =
        new_session(user, {amr_password}, registration.credentials.delivery, caller);
    const auto registered = rooms_.store.register_user(
        user, invite, session, deed(SecurityEventKind::user_register, user.id, session.id, caller));
    if (!registered) return refuse(to_auth_error(registered.error()));
    note_done(SecurityEventKind::user_register, user.id, session.id, caller);
    if (user.email) leave_mail(MailKind::verify_email, user.id, caller);
    auto granted = grant(user, session, session.login_at);
    leave_device_cookie(granted);
    return granted;
}

/// The account comes into being, and signs in once its address is verified.
AuthError AuthService::register_without_session(const User& user,
                                                const std::optional<std::string>& invite,
                                                const Caller& caller)
{
    const auto created = rooms_.store.create_user(
        user, invite, deed(SecurityEventKind::user_register, user.id, "", caller));
    if (!created) return to_auth_error(created.error());
    note_done(SecurityEventKind::user_register, user.id, "", caller);
    leave_mail(MailKind::verify_email, user.id, caller);
    return Kind::email_unverified;
}

Result<AuthService::FoundUser, AuthError>
AuthService::find_for_login(const Credentials& credentials)
{
    FoundUser found;
    bool first = true;
    for (const auto* given : {&credentials.username, &credentials.email}) {
        if (!*given) continue;
        const auto folded = fold_name(**given);
        std::optional<User> user;
        if (folded) {
            auto looked_up = rooms_.store.find_user_by_name(*folded);
            if (!looked_up) return to_auth_error(looked_up.error());
            user = *std::move(looked_up);
        }
        if (std::exchange(first, false)) {
            // Whatever the other name is: attempts under both and under this one alone count as
            // one, or where they do not would tell that somebody has it.  R54
            found.throttle_key = user ? "id:" + user->id : "name:" + folded.value_or(**given);
            found.user = std::move(user);
        } else if (!user || !found.user || user->id != found.user->id) {
            found.user.reset(); // two names of two people are nobody's
        }
    }
    return found;
}

/// Looked at whether or not there is such a user: the answer to a name that nobody has takes as
/// long.
std::optional<std::string> AuthService::known_device(const FoundUser& found,
                                                     const Caller& caller) const
{
    if (!settings_.throttle.device_cookie || caller.device_cookie.empty()) return std::nullopt;
    const auto claims = verifier_.device(*rooms_.keys.ring(), caller.device_cookie.reveal(),
                                         rooms_.clock.seconds());
    if (!claims || !found.user) return std::nullopt;
    if (enforced("device_cookie.same_user") && claims->user_id != found.user->id) {
        return std::nullopt;
    }
    return claims->device_id;
}

Result<bool, AuthError> AuthService::judge_password(const FoundUser& found, const Secret& password,
                                                    const Caller& caller, const HashPlace& place)
{
    const auto device = known_device(found, caller);
    const auto slot = rooms_.throttle.take_login(found.throttle_key, caller.address, device);
    if (!slot) return to_auth_error(slot.error());
    const auto normal = read_password(password);
    if (!found.user) {
        const auto computed = rooms_.hasher.verify_nobody(normal.reveal(), place);
        if (computed) return false;
        rooms_.throttle.give_back(*slot);
        return busy();
    }
    const auto verified = rooms_.hasher.verify(found.user->password_hash, normal.reveal(), place);
    if (!verified) {
        rooms_.throttle.give_back(*slot);
        return busy();
    }
    if (*verified) rooms_.throttle.succeeded(*slot);
    return *verified;
}

Result<Grant, AuthError> AuthService::login(const Credentials& credentials, const Caller& caller,
                                            HashPlace place)
{
    std::vector<FieldProblem> problems;
    if (!credentials.username && !credentials.email) {
        problems.push_back({"username", "a username or an email is needed"});
    }
    if (credentials.password.empty()) problems.push_back({"password", "must not be empty"});
    if (!problems.empty()) return AuthError(std::move(problems));

    auto found = find_for_login(credentials);
    if (!found) return found.error();
    auto& user = found->user;
    const std::string user_id = user ? user->id : std::string();
    const auto refuse = [&](AuthError error) {
        note_refused(SecurityEventKind::login, to_string(error.kind), user_id, "", caller);
        return error;
    };
    const auto right = judge_password(*found, credentials.password, caller, place);
    if (!right) return refuse(right.error());
    if (!user) {
        AuthError unknown(Kind::invalid_credentials);
        unknown.nobody = true;
        return refuse(std::move(unknown));
    }
    if (enforced("login.password") && !*right) return refuse(Kind::invalid_credentials);
    // The store lets no blocked user in either; here the hash is not even renewed.
    if (user->blocked) return refuse(Kind::account_blocked);

    user->password_hash = rehash_if_needed(*user, credentials.password, place);
    const Proof proof{{amr_password},
                      [&] { return password_still_opens(*user, credentials.password, place); }};
    auto granted = sign_in(*user, proof, credentials.delivery, caller);
    if (!granted) return refuse(granted.error());
    return granted;
}

Result<Grant, AuthError> AuthService::sign_in(const User& user, const Proof& proof,
                                              std::optional<SessionDelivery> delivery,
                                              const Caller& caller)
{
    if (is_kept_out(user)) {
        leave_mail(MailKind::verify_email, user.id, caller);
        return AuthError(Kind::email_unverified);
    }
    auto next = SecondFactors(*this).next_step(user, proof.amr);
    if (!next) return next.error();
    if (enforced("login.second_factor") && *next) {
        AuthError required(Kind::second_factor_required);
        required.next = *std::move(next);
        return required;
    }
    auto started = start_session(user, proof, delivery, caller);
    if (!started) {
        // The account went away meanwhile: as if it had never been.
        if (started.error().kind == Kind::not_found) return AuthError(Kind::invalid_credentials);
        return started;
    }
    note_done(SecurityEventKind::login, user.id, started->session_id, caller, proof.detail);
    const auto still = proof.still_holds();
    if (still && *still) {
        leave_device_cookie(*started);
        return started;
    }
    const auto ended =
        end_one(started->session_id, user.id, caller, SecurityEventKind::session_revoke);
    if (!still) return still.error();
    if (!ended) return ended.error();
    return AuthError(Kind::invalid_credentials);
}

/// Nothing: it opens the account no more. The hash may have been renewed since `user` was read.
Result<std::optional<std::string>, AuthError>
AuthService::hash_that_opens(const User& user, const Secret& password, const HashPlace& place)
{
    const auto found = rooms_.store.find_user(user.id);
    if (!found) return to_auth_error(found.error());
    const auto& again = *found;
    if (!again) return std::optional<std::string>();
    if (again->password_hash == user.password_hash) return std::optional(again->password_hash);
    const auto verified =
        rooms_.hasher.verify(again->password_hash, read_password(password).reveal(), place);
    if (!verified) return busy();
    return *verified ? std::optional(again->password_hash) : std::nullopt;
}

/// The password may be changed between the moment it was judged and the moment the session comes
/// into being: that change ended every session it could see, and this one it could not. Another
/// login that renewed the hash meanwhile is no such change.
Result<bool, AuthError> AuthService::password_still_opens(const User& user, const Secret& password,
                                                          const HashPlace& place)
{
    if (!enforced("login.password_unchanged")) return true;
    const auto hash = hash_that_opens(user, password, place);
    if (!hash) return hash.error();
    return hash->has_value();
}

std::string AuthService::rehash_if_needed(const User& user, const Secret& password,
                                          const HashPlace& place)
{
    if (!rooms_.hasher.needs_rehash(user.password_hash)) return user.password_hash;
    // No room, or too long for bcrypt: the old hash is still a good one.
    const auto hash = rooms_.hasher.hash(read_password(password).reveal(), place);
    if (!hash) return user.password_hash;
    const auto replaced = rooms_.store.replace_hash(user.id, user.password_hash, *hash);
    return replaced && *replaced ? *hash : user.password_hash;
}

} // namespace gatehouse::auth
