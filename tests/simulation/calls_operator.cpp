// What an operator asks for.
#include "tests/simulation/calls.hpp"

#include <fmt/format.h>

namespace gatehouse::simulation {

using Kind = auth::AuthError::Kind;

Calls::Answer Calls::block(Process& process, Account& account, bool blocked)
{
    const auto began = world_.scheduler().now();
    Trying trying(account.blocks, blocked, world_.scheduler());
    const auto result =
        blocked ? process.admin().block(account.id) : process.admin().unblock(account.id);
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
    const auto result = process.admin().set_password(account.id, Secret(fresh));
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
    const auto result = process.admin().set_roles(account.id, roles);
    tell(process, fmt::format("{} gets {} roles", account.name, roles.size()), word(result));
    if (!result) return {outcome_of(result), std::nullopt};
    trying.acknowledge();
    return {Outcome::ok, std::nullopt};
}

Calls::Answer Calls::remove(Process& process, Account& account)
{
    const auto began = world_.scheduler().now();
    Trying trying(account.deletions, true, world_.scheduler());
    const auto result = process.admin().delete_user(account.id);
    tell(process, "delete " + account.name, word(result));
    // It was there: if it is gone, then an earlier try did it.
    if (!result && result.error().kind != Kind::not_found) {
        return {outcome_of(result), std::nullopt};
    }
    trying.acknowledge();
    world_.oracle().ended_all(account, {}, began);
    return {Outcome::ok, std::nullopt};
}

Calls::Answer Calls::rotate_keys(Process& process)
{
    const bool asked = process.rotate_keys();
    tell(process, "new keys are asked for", asked ? "ok" : "no answer");
    return {asked ? Outcome::ok : Outcome::again, std::nullopt};
}

} // namespace gatehouse::simulation
