#include "auth/service/admin_service.hpp"

#include "auth/accounts/names.hpp"
#include "auth/accounts/passwords.hpp"
#include "auth/basics/id.hpp"
#include "auth/service/invites.hpp"
#include "auth/service/new_account.hpp"
#include "auth/service/revocation_life.hpp"
#include "auth/service/roles.hpp"
#include "config/basics/enforced.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

namespace gatehouse::auth {

using Kind = AuthError::Kind;
using namespace std::chrono_literals;

namespace {

/// "admin,editor"
std::string listed(const std::vector<std::string>& roles)
{
    return fmt::format("{}", fmt::join(roles, ","));
}

/// Each once, in the order in which they were given.
std::vector<std::string> without_doubles(const std::vector<std::string>& roles)
{
    std::vector<std::string> once;
    for (const auto& role : roles) {
        if (std::ranges::find(once, role) == once.end()) once.push_back(role);
    }
    return once;
}

} // namespace

Result<User, AuthError> AdminService::find_user(std::string_view who)
{
    // The id first: names are chosen, and whoever called itself as somebody is listed would be
    // blocked, or given roles, in the place of that one.
    auto by_id = rooms_.store.find_user(who);
    if (!by_id) return to_auth_error(by_id.error());
    if (auto& user = *by_id) return *std::move(user);
    const auto folded = fold_name(who);
    if (!folded) return AuthError(Kind::not_found);
    auto by_name = rooms_.store.find_user_by_name(*folded);
    if (!by_name) return to_auth_error(by_name.error());
    if (auto& user = *by_name) return *std::move(user);
    return AuthError(Kind::not_found);
}

Result<std::string, AuthError> AdminService::audited_id(std::string_view who)
{
    auto user = find_user(who);
    if (user && user->id == who) return std::move(user->id);
    if (!user && user.error().kind != Kind::not_found) return user.error();
    // Of a deleted user the id is left, and somebody may be called so since.
    AuditTrail::AuditFilter filter;
    filter.user_id = who;
    const auto records = rooms_.store.read_audit(filter, {}, 1);
    if (!records) return to_auth_error(records.error());
    if (!records->empty()) return std::string(who);
    if (user) return std::move(user->id);
    return AuthError(Kind::not_found);
}

Result<std::vector<User>, AuthError> AdminService::list_users(std::string_view after,
                                                              std::size_t limit)
{
    auto users = rooms_.store.list_users(after, limit);
    if (!users) return to_auth_error(users.error());
    return *std::move(users);
}

Result<User, AuthError> AdminService::add_user(const Credentials& credentials,
                                               std::vector<std::string> roles)
{
    auto account = read_new_account(credentials, settings_.passwords);
    std::ranges::move(problems_of(roles), std::back_inserter(account.problems));
    if (!account.problems.empty()) return AuthError(std::move(account.problems));
    const auto place = rooms_.hasher.enter();
    if (!place) return AuthError(Kind::overloaded, 1s);
    const auto hash = rooms_.hasher.hash(account.password.reveal(), *place);
    if (!hash) return AuthError(Kind::overloaded, 1s);

    auto& user = account.user;
    user.id = Id128::random().to_string();
    user.password_hash = *hash;
    user.roles = without_doubles(roles);
    user.created = rooms_.clock.seconds();
    const auto created = rooms_.store.create_user(
        user, std::nullopt, deed(SecurityEventKind::user_add, user.id, {}, listed(user.roles)));
    if (!created) return to_auth_error(created.error());
    note(SecurityEventKind::user_add, user.id, {}, listed(user.roles));
    return std::move(user);
}

Result<AdminService::Import, AuthError> AdminService::look_up(const ImportedAccount& account)
{
    const auto& user = account.user;
    if (!user.id.empty()) {
        const auto same_id = rooms_.store.find_user(user.id);
        if (!same_id) return to_auth_error(same_id.error());
        if (*same_id) return Import::is_there;
    }
    std::size_t names = 0;
    std::size_t taken = 0;
    std::string owner;
    bool is_one_owner = true;
    for (const auto& name : {user.folded_username, user.folded_email}) {
        if (!name) continue;
        ++names;
        const auto found = rooms_.store.find_user_by_name(*name);
        if (!found) return to_auth_error(found.error());
        if (const auto& other = *found) {
            is_one_owner = is_one_owner && (taken == 0 || other->id == owner);
            owner = other->id;
            ++taken;
        }
    }
    if (taken == 0) return Import::is_new;
    // An account that was given a new id is known again by its names, all of them.
    const bool same = user.id.empty() && taken == names && is_one_owner;
    return same ? Import::is_there : Import::name_taken;
}

Result<AdminService::Import, AuthError> AdminService::import_user(const ImportedAccount& account)
{
    auto known = look_up(account);
    if (!known || *known != Import::is_new) return known;
    auto user = account.user;
    if (user.id.empty()) user.id = Id128::random().to_string();
    auto done = deed(SecurityEventKind::user_import, user.id, {}, listed(user.roles));
    // All who heard that an account of this id was deleted refuse whoever has it.
    const auto life = refused_until(settings_.tokens, Seconds{}).time_since_epoch();
    if (!account.user.id.empty()) done.back_since = rooms_.clock.now() - life;
    const auto created = rooms_.store.create_user(user, std::nullopt, done);
    if (!created) {
        if (created.error() == StoreError::name_taken) return Import::name_taken;
        return to_auth_error(created.error());
    }
    note(SecurityEventKind::user_import, user.id, {}, listed(user.roles));
    return Import::is_new;
}

Result<User, AuthError> AdminService::block(std::string_view who)
{
    auto user = find_user(who);
    if (!user) return user;
    const auto ended =
        rooms_.store.block_user(user->id, deed(SecurityEventKind::user_block, user->id));
    if (!ended) return to_auth_error(ended.error());
    apply_here(ChangeKind::user_blocked, user->id);
    refuse_from_now_on(*ended);
    note(SecurityEventKind::user_block, user->id);
    user->blocked = true;
    return user;
}

Result<User, AuthError> AdminService::unblock(std::string_view who)
{
    auto user = find_user(who);
    if (!user) return user;
    const auto done =
        rooms_.store.unblock_user(user->id, deed(SecurityEventKind::user_unblock, user->id));
    if (!done) return to_auth_error(done.error());
    apply_here(ChangeKind::user_unblocked, user->id);
    note(SecurityEventKind::user_unblock, user->id);
    user->blocked = false;
    return user;
}

Result<User, AuthError> AdminService::set_password(std::string_view who, const Secret& password)
{
    auto user = find_user(who);
    if (!user) return user;
    const auto normal = read_new_password(password, settings_.passwords, *user);
    if (!normal) {
        return AuthError(std::vector<FieldProblem>{
            {"password", explain(normal.error(), settings_.passwords)}
        });
    }
    const auto place = rooms_.hasher.enter();
    if (!place) return AuthError(Kind::overloaded, 1s);
    const auto hash = rooms_.hasher.hash(normal->reveal(), *place);
    if (!hash) return AuthError(Kind::overloaded, 1s);
    const auto ended = rooms_.store.set_password(user->id, *hash, "",
                                                 deed(SecurityEventKind::password_set, user->id));
    if (!ended) return to_auth_error(ended.error());
    refuse_from_now_on(*ended);
    note(SecurityEventKind::password_set, user->id);
    return user;
}

Result<User, AuthError> AdminService::remove_second_factor(std::string_view who)
{
    auto user = find_user(who);
    if (!user) return user;
    const auto removed = rooms_.store.remove_second_factor(
        user->id, deed(SecurityEventKind::second_factor_remove, user->id));
    if (!removed) return to_auth_error(removed.error());
    if (*removed) note(SecurityEventKind::second_factor_remove, user->id);
    return user;
}

Result<User, AuthError> AdminService::set_roles(std::string_view who,
                                                std::vector<std::string> roles)
{
    auto problems = problems_of(roles);
    if (!problems.empty()) return AuthError(std::move(problems));
    roles = without_doubles(roles);
    auto user = find_user(who);
    if (!user) return user;
    const auto detail = listed(roles);
    const auto done = rooms_.store.set_roles(
        user->id, roles, deed(SecurityEventKind::user_roles, user->id, {}, detail));
    if (!done) return to_auth_error(done.error());
    apply_here(ChangeKind::roles_changed, user->id, roles);
    note(SecurityEventKind::user_roles, user->id, {}, detail);
    user->roles = std::move(roles);
    return user;
}

Result<User, AuthError> AdminService::delete_user(std::string_view who)
{
    auto user = find_user(who);
    if (!user) return user;
    const auto ended =
        rooms_.store.delete_user(user->id, deed(SecurityEventKind::user_delete, user->id));
    if (!ended) return to_auth_error(ended.error());
    apply_here(ChangeKind::user_deleted, user->id);
    refuse_from_now_on(*ended);
    note(SecurityEventKind::user_delete, user->id);
    return user;
}

Result<Invite, AuthError> AdminService::invite(std::chrono::seconds life)
{
    Invite invite{make_invite(), rooms_.clock.seconds() + life};
    const auto stored =
        rooms_.store.create_invite(invite_hash(invite.code.reveal()), invite.expires_at,
                                   deed(SecurityEventKind::invite_create, ""));
    if (!stored) return to_auth_error(stored.error());
    note(SecurityEventKind::invite_create, "");
    return invite;
}

std::string AdminService::told(std::string_view detail) const
{
    if (by_.way.empty()) return std::string(detail);
    return detail.empty() ? by_.way : fmt::format("{} ({})", detail, by_.way);
}

SecurityEvent AdminService::event(SecurityEventKind kind, std::string_view user_id,
                                  std::string_view session_id, std::string_view detail) const
{
    return {kind,  "ok", user_id, session_id, by_.address, by_.request_id, rooms_.clock.now(),
            detail};
}

Deed AdminService::deed(SecurityEventKind kind, std::string_view user_id,
                        std::string_view session_id, std::string_view detail) const
{
    if (!settings_.audit.store) return rooms_.clock.now();
    const auto detail_and_way = told(detail);
    return Deed(record_of(event(kind, user_id, session_id, detail_and_way)));
}

void AdminService::note(SecurityEventKind kind, std::string_view user_id,
                        std::string_view session_id, std::string_view detail)
{
    const auto detail_and_way = told(detail);
    auto done = event(kind, user_id, session_id, detail_and_way);
    done.is_in_store = true;
    rooms_.log.record(done);
}

} // namespace gatehouse::auth
