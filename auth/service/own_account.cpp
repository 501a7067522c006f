// What people do with their own account: another password, other names, a copy of everything, the
// end.
#include "auth/accounts/passwords.hpp"
#include "auth/basics/id.hpp"
#include "auth/service/field_error.hpp"
#include "auth/service/found_user.hpp"
#include "auth/service/revocation_life.hpp"
#include "auth/service/second_factors.hpp"
#include "config/basics/enforced.hpp"

#include <utility>

namespace gatehouse::auth {

using Kind = AuthError::Kind;
using namespace std::chrono_literals;

namespace {

/// Reads the text that a name is to become; nothing of it is fine, for a name can be given up.
template <class Read>
std::optional<std::optional<Name>> read_wish(const std::optional<std::optional<std::string>>& wish,
                                             std::string_view field, Read read,
                                             std::vector<FieldProblem>& problems)
{
    if (!wish) return std::nullopt;
    if (!*wish) return std::optional<Name>();
    auto name = read(**wish);
    if (name) return *std::move(name);
    problems.push_back({std::string(field), std::string(explain(name.error()))});
    return std::nullopt;
}

bool has_same_names(const User& one, const User& other)
{
    return one.username == other.username && one.email == other.email;
}

} // namespace

Result<User, AuthError> AuthService::own_user(const Principal& principal)
{
    auto found = rooms_.store.find_user(principal.user_id);
    if (!found) return to_auth_error(found.error());
    auto& user = *found;
    if (!user || user->blocked) return AuthError(Kind::token_revoked);
    return *std::move(user);
}

/// Whoever has found an unlocked screen or stolen a token does not know the password; guessing it
/// here is as slow as guessing it at a login.
Result<void, AuthError> AuthService::judge_own_password(const User& user, const Secret& password,
                                                        const Caller& caller,
                                                        const HashPlace& place)
{
    const FoundUser found{user, "id:" + user.id};
    const auto right = judge_password(found, password, caller, place);
    if (!right) return right.error();
    if (enforced("own_account.password") && !*right) return AuthError(Kind::invalid_credentials);
    return {};
}

/// Hashing took a while: whoever was signed out meanwhile changes nothing any more, and nobody may
/// come between that question and the write, for what is changed then stays changed.
Deed AuthService::own_deed(SecurityEventKind kind, const Principal& principal, const Caller& caller,
                           std::string_view detail) const
{
    auto done = deed(kind, principal.user_id, principal.session_id, caller, detail);
    done.asker = principal.session_id;
    return done;
}

/// The same for what is no write of its own. The store is asked, for what another process has ended
/// may not have been heard here yet.
Result<void, AuthError> AuthService::still_signed_in(const Principal& principal)
{
    if (!enforced("own_account.live_session")) return {};
    const auto found = rooms_.store.find_session(principal.session_id);
    if (!found) return to_auth_error(found.error());
    const auto& session = *found;
    const bool live = session && !session->ended_at && session->user_id == principal.user_id;
    return live ? Result<void, AuthError>() : AuthError(Kind::token_revoked);
}

Result<void, AuthError> AuthService::change_password(const Principal& principal,
                                                     const Secret& current, const Secret& fresh,
                                                     const Caller& caller, HashPlace place)
{
    const auto refuse = [&](AuthError error) {
        note_refused(SecurityEventKind::password_change, to_string(error.kind), principal.user_id,
                     principal.session_id, caller);
        return error;
    };
    const auto user = own_user(principal);
    if (!user) return refuse(user.error());
    const auto password = read_new_password(fresh, settings_.passwords, *user);
    if (!password) {
        return one_field("newPassword", explain(password.error(), settings_.passwords));
    }
    const auto judged = judge_own_password(*user, current, caller, place);
    if (!judged) return refuse(judged.error());
    const auto hash = rooms_.hasher.hash(password->reveal(), place);
    if (!hash) return AuthError(Kind::overloaded, 1s);
    auto done = own_deed(SecurityEventKind::password_change, principal, caller);
    // Of changes in parallel, which all knew the password, one finds it still true.
    done.judged_by = user->password_hash;
    const auto set = [&] {
        return rooms_.store.set_password(principal.user_id, *hash, principal.session_id, done);
    };
    auto ended = set();
    if (!ended && ended.error() == StoreError::password_changed) {
        // By a login that renewed the hash of the very same password, perhaps.
        const auto renewed = hash_that_opens(*user, current, place);
        if (!renewed) return refuse(renewed.error());
        if (*renewed) {
            done.judged_by = **renewed;
            ended = set();
        }
    }
    if (!ended) {
        if (ended.error() == StoreError::not_found) return refuse(Kind::token_revoked);
        return refuse(to_auth_error(ended.error()));
    }
    refuse_from_now_on(*ended);
    note_done(SecurityEventKind::password_change, principal.user_id, principal.session_id, caller);
    return {};
}

/// Whoever gets the mails of an account can set its password, and where nobody had proved the
/// address before, such a reset takes the second factor away: another address wants what that does.
Result<bool, AuthError> AuthService::is_code_needed(const User& user, const User& wanted)
{
    if (!wanted.folded_email || wanted.folded_email == user.folded_email) return false;
    const auto factor = rooms_.store.find_second_factor(user.id);
    if (!factor) return to_auth_error(factor.error());
    return enforced("own_account.address_code") && *factor && (*factor)->in_force;
}

Result<void, AuthError> AuthService::judge_renaming(const Principal& principal, const User& user,
                                                    const User& wanted, const OtherNames& names,
                                                    const Caller& caller, const HashPlace& place)
{
    const auto needed = is_code_needed(user, wanted);
    if (!needed) return needed.error();
    if (*needed && names.code.empty()) return one_field("code", "is needed to change the address");
    // The password first: a code is spent by being shown.
    const auto known = judge_own_password(user, names.current_password, caller, place);
    if (!known || !*needed) return known;
    const auto judged =
        SecondFactors(*this).judge_code(user, names.code, principal.session_id, caller);
    const bool gone = !judged && judged.error().kind == Kind::not_found; // taken away meanwhile
    return gone ? Result<void, AuthError>() : judged;
}

Result<Profile, AuthError> AuthService::change_names(const Principal& principal,
                                                     const OtherNames& names, const Caller& caller,
                                                     HashPlace place)
{
    const auto refuse = [&](AuthError error) {
        note_refused(SecurityEventKind::user_rename, to_string(error.kind), principal.user_id,
                     principal.session_id, caller);
        return error;
    };
    std::vector<FieldProblem> problems;
    NameChange change;
    change.username = read_wish(names.username, "username", read_username, problems);
    change.email = read_wish(names.email, "email", read_email, problems);
    if (!problems.empty()) return AuthError(std::move(problems));

    const auto user = own_user(principal);
    if (!user) return refuse(user.error());
    const auto wanted = renamed(*user, change);
    if (has_same_names(*user, wanted)) return profile_of(*user);
    if (!wanted.username && !wanted.email) {
        return one_field(names.username ? "username" : "email",
                         "is the last name of the account, which needs a username or an email");
    }
    if (names.current_password.empty()) {
        return one_field("currentPassword", "is needed to change a name");
    }
    if (settings_.require_verified_email && user->email && !wanted.email) {
        return one_field("email", "is needed here, and can only be replaced by another one");
    }
    const auto judged = judge_renaming(principal, *user, wanted, names, caller, place);
    if (!judged) return refuse(judged.error());
    const auto now_called = rooms_.store.rename_user(
        user->id, change, own_deed(SecurityEventKind::user_rename, principal, caller));
    if (!now_called) {
        if (now_called.error() == StoreError::not_found) return refuse(Kind::token_revoked);
        return refuse(to_auth_error(now_called.error()));
    }
    note_done(SecurityEventKind::user_rename, user->id, principal.session_id, caller);
    mail_about_names(*user, *now_called, caller);
    return profile_of(*now_called);
}

void AuthService::mail_about_names(const User& before, const User& after,
                                   const Caller& caller) const
{
    if (before.folded_email == after.folded_email) return;
    if (before.email) leave_mail(MailKind::address_changed, after.id, caller, *before.email);
    if (after.email) leave_mail(MailKind::verify_email, after.id, caller);
}

Result<void, AuthError> AuthService::delete_account(const Principal& principal,
                                                    const Secret& current, const Caller& caller,
                                                    HashPlace place)
{
    const auto refuse = [&](AuthError error) {
        note_refused(SecurityEventKind::user_delete, to_string(error.kind), principal.user_id,
                     principal.session_id, caller);
        return error;
    };
    if (current.empty()) {
        return one_field("currentPassword", "is needed to delete the account");
    }
    const auto user = own_user(principal);
    if (!user) return refuse(user.error());
    const auto judged = judge_own_password(*user, current, caller, place);
    if (!judged) return refuse(judged.error());
    auto ended = rooms_.store.delete_user(
        user->id, own_deed(SecurityEventKind::user_delete, principal, caller));
    if (!ended) {
        if (ended.error() == StoreError::not_found) return refuse(Kind::token_revoked);
        return to_auth_error(ended.error());
    }
    // As with a logout: the own session may have ended before, at a process not heard yet.
    ended->emplace_back(principal.session_id);
    refuse_from_now_on(*ended);
    rooms_.revocations.remove_user(user->id,
                                   refused_until(settings_.tokens, rooms_.clock.seconds()));
    note_done(SecurityEventKind::user_delete, user->id, principal.session_id, caller);
    return {};
}

Result<AccountCopy, AuthError> AuthService::copy_account(const Principal& principal)
{
    const auto user = own_user(principal);
    if (!user) return user.error();
    auto sessions = list_sessions(principal);
    if (!sessions) return sessions.error();
    AccountCopy copy;
    copy.profile = profile_of(*user);
    copy.sessions = *std::move(sessions);
    auto keys = list_api_keys(principal);
    if (!keys) return keys.error();
    copy.api_keys = *std::move(keys);
    auto passkeys = rooms_.store.passkeys_of(user->id);
    if (!passkeys) return to_auth_error(passkeys.error());
    copy.passkeys = *std::move(passkeys);
    const auto factor = SecondFactors(*this).state(principal);
    if (!factor) return factor.error();
    copy.second_factor = *factor;
    AuditTrail::AuditFilter own;
    own.user_id = user->id;
    AuditTrail::AuditPlace before;
    constexpr std::size_t page = 500;
    std::size_t read_last = page;
    while (read_last == page && copy.records.size() <= AccountCopy::most_records) {
        const auto read = rooms_.store.read_audit(own, before, page);
        if (!read) return to_auth_error(read.error());
        copy.records.insert(copy.records.end(), read->begin(), read->end());
        if (!read->empty()) before = {read->back().at, read->back().number};
        read_last = read->size();
    }
    copy.has_all_records = copy.records.size() <= AccountCopy::most_records;
    if (!copy.has_all_records) copy.records.resize(AccountCopy::most_records);
    return copy;
}

} // namespace gatehouse::auth
