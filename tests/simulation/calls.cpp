#include "tests/simulation/calls.hpp"

#include <fmt/format.h>

#include <memory>

namespace gatehouse::simulation {

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

std::string in_words(const Refreshes::Outcome& outcome)
{
    if (!outcome) return std::string(to_string(outcome.error().kind));
    return fmt::format("{} {}", outcome->access_token.reveal(), outcome->refresh_token.reveal());
}

} // namespace

void Calls::tell(Process& process, const std::string& what, std::string_view outcome)
{
    world_.oracle().answered(process);
    world_.tell(
        [&] { return fmt::format("replica {}: {} -> {}", process.replica() + 1, what, outcome); });
}

// ---- what anybody may ask ---------------------------------------------------------------------

Calls::Answer Calls::register_user(Process& process, Account& account, const std::string& password)
{
    // Meanwhile somebody else was first, and then it was deleted: this would be another life.
    if (!account.deletions.empty()) return {Outcome::denied, std::nullopt};
    const auto began = world_.scheduler().now();
    Trying trying(account.passwords, password, world_.scheduler());
    const auto result = process.service().register_user({credentials(account, password), {}},
                                                        caller(), process.place());
    tell(process, "register " + account.name, word(result));
    if (!result) {
        world_.oracle().refused_registration(account, result.error());
        return {outcome_of(result), std::nullopt};
    }
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
    if (!claims) {
        world_.oracle().unread(process, claims.error());
        return {Outcome::denied, std::nullopt};
    }
    const auto led = std::make_shared<bool>(false);
    const auto lead = [&world = world_, &process, token = *claims, began, led] {
        *led = true;
        auto outcome = process.service().refresh(token, caller());
        if (outcome) {
            world.oracle().granted_refresh(process, token, began, *outcome);
        } else {
            world.oracle().refused_refresh(process, token, outcome.error());
        }
        return outcome;
    };
    const auto result = process.refresh(*claims, lead);
    world_.oracle().answered_refresh(process, *claims,
                                     {began, world_.scheduler().now(), *led, in_words(result)});
    tell(process,
         fmt::format("refresh {} generation {}", world_.oracle().label_of(claims->session_id),
                     claims->generation),
         word(result));
    if (!result) return {outcome_of(result), std::nullopt};
    return {Outcome::ok, pair_of(*result)};
}

Calls::Answer Calls::verify(Process& process, const AccessToken& token)
{
    if (!process.may_believe()) {
        world_.oracle().refused_without_lease(process);
        return {Outcome::again, std::nullopt};
    }
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
    if (!claims) {
        world_.oracle().unread(process, claims.error());
        return {Outcome::denied, std::nullopt};
    }
    const auto result = process.service().logout(*claims, caller());
    tell(process, "logout " + world_.oracle().label_of(claims->session_id), word(result));
    if (!result) return {outcome_of(result), std::nullopt};
    confirm(process);
    world_.oracle().ended(process, claims->session_id);
    world_.oracle().confirmed(claims->session_id);
    return {Outcome::ok, std::nullopt};
}

void Calls::confirm(Process& process)
{
    if (world_.settings().logout != config::Logout::confirmed) return;
    const auto began = world_.scheduler().now();
    process.confirm();
    world_.oracle().waited_for_confirmation(world_.scheduler().now() - began, world_.all_is_well());
}

// ---- what needs a bearer ----------------------------------------------------------------------

Calls::Bearer Calls::bearer(Process& process, const Pair& pair)
{
    if (!process.may_believe()) return {Outcome::again, std::nullopt};
    const auto found = process.identify(pair.access);
    if (!found) return {Outcome::denied, std::nullopt};
    world_.oracle().used(process, pair.access);
    return {Outcome::ok, *found};
}

Calls::Answer Calls::sign_out(Process& process, Account& account, const Pair& pair, SignOut what)
{
    const auto began = world_.scheduler().now();
    const auto [outcome, who] = bearer(process, pair);
    if (!who) return {outcome, std::nullopt};
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
    confirm(process);
    if (what == SignOut::this_one) {
        world_.oracle().ended(process, pair.session);
        world_.oracle().confirmed(pair.session);
    } else {
        const bool all = what == SignOut::all;
        const auto keep = all ? std::string_view() : pair.session;
        world_.oracle().ended_all(account, keep, began);
        world_.oracle().confirmed_all(account, keep, began);
        if (all) world_.oracle().ended(process, pair.session); // here at once, whoever ended it
    }
    return {Outcome::ok, std::nullopt};
}

Calls::Answer Calls::revoke(Process& process, Account& account, const Pair& pair,
                            const std::string& session)
{
    const auto [outcome, who] = bearer(process, pair);
    if (!who) return {outcome, std::nullopt};
    const auto result = process.service().revoke_session(*who, session, caller());
    tell(process, fmt::format("{} revokes {}", account.name, world_.oracle().label_of(session)),
         word(result));
    if (!result) return {outcome_of(result), std::nullopt};
    confirm(process);
    world_.oracle().ended(process, session);
    world_.oracle().confirmed(session);
    return {Outcome::ok, std::nullopt};
}

Calls::Answer Calls::change_password(Process& process, Account& account, const Pair& pair,
                                     std::size_t current, const std::string& fresh)
{
    const auto began = world_.scheduler().now();
    const auto [outcome, who] = bearer(process, pair);
    if (!who) return {outcome, std::nullopt};
    Trying trying(account.passwords, fresh, world_.scheduler());
    const auto result = process.service().change_password(
        *who, Secret(account.passwords[current].value), Secret(fresh), caller(), process.place());
    tell(process, fmt::format("{} changes to password {}", account.name, trying.index() + 1),
         word(result));
    if (!result) return {outcome_of(result), std::nullopt};
    confirm(process);
    trying.acknowledge();
    world_.oracle().ended_all(account, pair.session, began);
    world_.oracle().confirmed_all(account, pair.session, began);
    world_.oracle().changed_password(account, trying.index(), pair.session);
    return {Outcome::ok, std::nullopt};
}

} // namespace gatehouse::simulation
