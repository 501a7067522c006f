#include "tests/simulation/calls.hpp"

#include <fmt/format.h>

namespace gatehouse::simulation {

using auth::AuthError;
using Kind = AuthError::Kind;

namespace {

auth::Credentials credentials(const Account& account, const std::string& password)
{
    return {account.name, std::nullopt, Secret(password), std::nullopt};
}

auth::Caller caller()
{
    return {"192.0.2.1", "simulated client", "request"};
}

Pair pair_of(const auth::Grant& grant)
{
    return {std::string(grant.access_token.reveal()), std::string(grant.refresh_token.reveal()),
            grant.session_id};
}

template <class T>
std::string_view word(const Result<T, AuthError>& result)
{
    return result ? "ok" : to_string(result.error().kind);
}

/// 503 and 429 say: come back.
template <class T>
Outcome outcome_of(const Result<T, AuthError>& result)
{
    if (result) return Outcome::ok;
    const auto kind = result.error().kind;
    const bool later = kind == Kind::store_unavailable || kind == Kind::overloaded ||
                       kind == Kind::too_many_attempts;
    return later ? Outcome::again : Outcome::denied;
}

} // namespace

template <class What>
void Calls::tell(Process& process, const std::string& what, const What& outcome)
{
    world_.oracle().answered(process);
    world_.tell(
        [&] { return fmt::format("replica {}: {} -> {}", process.replica() + 1, what, outcome); });
}

// ---- what anybody may ask ---------------------------------------------------------------------

Calls::Answer Calls::register_user(Process& process, Account& account, const std::string& password)
{
    const auto began = world_.scheduler().now();
    Trying trying(account.passwords, password, world_.scheduler());
    const auto result = process.service().register_user({credentials(account, password), {}},
                                                        caller(), process.place());
    tell(process, "register " + account.name, word(result));
    if (!result) return {outcome_of(result), std::nullopt};
    trying.acknowledge();
    world_.oracle().granted_login(account, trying.index(), began, *result);
    return {Outcome::ok, pair_of(*result)};
}

Calls::Answer Calls::login(Process& process, Account& account, std::size_t password)
{
    const auto began = world_.scheduler().now();
    const auto text = account.passwords[password].value;
    const auto result =
        process.service().login(credentials(account, text), caller(), process.place());
    if (!result) {
        world_.oracle().refused_login(account, password, began, result.error());
        tell(process, fmt::format("login {} with password {}", account.name, password + 1),
             word(result));
        return {outcome_of(result), std::nullopt};
    }
    world_.oracle().granted_login(account, password, began, *result);
    tell(process,
         fmt::format("login {} with password {}, {}", account.name, password + 1,
                     world_.oracle().label_of(result->session_id)),
         word(result));
    return {Outcome::ok, pair_of(*result)};
}

Calls::Answer Calls::refresh(Process& process, const std::string& token)
{
    const auto began = world_.scheduler().now();
    const auto claims = process.service().check_refresh_token(token);
    if (!claims) return {Outcome::denied, std::nullopt};
    const auto result = process.service().refresh(*claims, caller());
    if (result) {
        world_.oracle().granted_refresh(*claims, began, *result);
    } else {
        world_.oracle().refused_refresh(process, *claims, result.error());
    }
    tell(process,
         fmt::format("refresh {} generation {}", world_.oracle().label_of(claims->session_id),
                     claims->generation),
         word(result));
    if (!result) return {outcome_of(result), std::nullopt};
    return {Outcome::ok, pair_of(*result)};
}

Calls::Answer Calls::verify(Process& process, const AccessToken& token)
{
    const auto result = process.identify(token.text);
    if (result) {
        world_.oracle().accepted(process, token, *result);
    } else {
        world_.oracle().refused(process, token, result.error());
    }
    tell(process, "request with a token of " + world_.oracle().label_of(token.session),
         result ? "ok" : to_string(result.error()));
    return {result ? Outcome::ok : Outcome::denied, std::nullopt};
}

Calls::Answer Calls::logout(Process& process, const std::string& refresh_token)
{
    const auto claims = process.service().check_logout_token(refresh_token);
    if (!claims) return {Outcome::denied, std::nullopt};
    const auto result = process.service().logout(*claims, caller());
    tell(process, "logout " + world_.oracle().label_of(claims->session_id), word(result));
    if (result) world_.oracle().ended(process, claims->session_id);
    return {outcome_of(result), std::nullopt};
}

// ---- what needs a bearer ----------------------------------------------------------------------

std::optional<auth::Principal> Calls::principal(Process& process, const Pair& pair)
{
    const auto found = process.identify(pair.access);
    if (!found) return std::nullopt;
    return *found;
}

Calls::Answer Calls::sign_out(Process& process, Account& account, const Pair& pair, SignOut what)
{
    const auto began = world_.scheduler().now();
    const auto who = principal(process, pair);
    if (!who) return {Outcome::denied, std::nullopt};
    auto& service = process.service();
    const auto result = what == SignOut::this_one ? service.logout(*who, caller())
                        : what == SignOut::all    ? service.logout_all(*who, caller())
                                                  : service.logout_others(*who, caller());
    const auto label = world_.oracle().label_of(pair.session);
    tell(process,
         what == SignOut::this_one ? "logout by bearer of " + label
         : what == SignOut::all    ? "logout-all of " + account.name
                                   : "logout-others of " + account.name + " but " + label,
         word(result));
    if (!result) return {outcome_of(result), std::nullopt};
    if (what == SignOut::this_one) {
        world_.oracle().ended(process, pair.session);
    } else {
        const bool all = what == SignOut::all;
        world_.oracle().ended_all(account, all ? std::string_view() : pair.session, began);
        if (all) world_.oracle().ended(process, pair.session); // here at once, whoever ended it
    }
    return {Outcome::ok, std::nullopt};
}

Calls::Answer Calls::revoke(Process& process, Account& account, const Pair& pair,
                            const std::string& session)
{
    const auto who = principal(process, pair);
    if (!who) return {Outcome::denied, std::nullopt};
    const auto result = process.service().revoke_session(*who, session, caller());
    tell(process, fmt::format("{} revokes {}", account.name, world_.oracle().label_of(session)),
         word(result));
    if (result) world_.oracle().ended(process, session);
    return {outcome_of(result), std::nullopt};
}

Calls::Answer Calls::change_password(Process& process, Account& account, const Pair& pair,
                                     std::size_t current, const std::string& fresh)
{
    const auto began = world_.scheduler().now();
    const auto who = principal(process, pair);
    if (!who) return {Outcome::denied, std::nullopt};
    Trying trying(account.passwords, fresh, world_.scheduler());
    const auto result = process.service().change_password(
        *who, Secret(account.passwords[current].value), Secret(fresh), caller(), process.place());
    tell(process, fmt::format("{} changes to password {}", account.name, trying.index() + 1),
         word(result));
    if (!result) return {outcome_of(result), std::nullopt};
    trying.acknowledge();
    world_.oracle().ended_all(account, pair.session, began);
    world_.oracle().changed_password(account, trying.index(), pair.session);
    return {Outcome::ok, std::nullopt};
}

// ---- an operator ------------------------------------------------------------------------------

Calls::Answer Calls::block(Process& process, Account& account, bool blocked)
{
    const auto began = world_.scheduler().now();
    Trying trying(account.blocks, blocked, world_.scheduler());
    const auto result =
        blocked ? process.admin().block(account.name) : process.admin().unblock(account.name);
    tell(process, (blocked ? "block " : "unblock ") + account.name, word(result));
    if (!result) return {outcome_of(result), std::nullopt};
    trying.acknowledge();
    if (blocked) world_.oracle().ended_all(account, {}, began);
    return {Outcome::ok, std::nullopt};
}

Calls::Answer Calls::set_password(Process& process, Account& account, const std::string& fresh)
{
    const auto began = world_.scheduler().now();
    Trying trying(account.passwords, fresh, world_.scheduler());
    const auto result = process.admin().set_password(account.name, Secret(fresh));
    tell(process, fmt::format("operator sets password {} of {}", trying.index() + 1, account.name),
         word(result));
    if (!result) return {outcome_of(result), std::nullopt};
    trying.acknowledge();
    world_.oracle().ended_all(account, {}, began);
    return {Outcome::ok, std::nullopt};
}

Calls::Answer Calls::set_roles(Process& process, Account& account,
                               const std::vector<std::string>& roles)
{
    Trying trying(account.roles, roles, world_.scheduler());
    const auto result = process.admin().set_roles(account.name, roles);
    tell(process, fmt::format("{} gets {} roles", account.name, roles.size()), word(result));
    if (!result) return {outcome_of(result), std::nullopt};
    trying.acknowledge();
    return {Outcome::ok, std::nullopt};
}

} // namespace gatehouse::simulation
