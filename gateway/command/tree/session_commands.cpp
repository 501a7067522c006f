#include "gateway/command/tree/command_tree.hpp"

#include <CLI/CLI.hpp>

namespace gatehouse::gateway {

void add_sessions(CommandTree& tree)
{
    auto* session = tree.add_group("session", "Sessions: list, revoke");
    tree.add_who(
        *tree.add(*session, "list", CommandName::session_list, "List the sessions of a user"));
    auto* revoke = tree.add(*session, "revoke", CommandName::session_revoke,
                            "End one session, or all of a user");
    auto* id = revoke->add_option("id", tree.arguments.session, "The id of a session");
    auto* all_of =
        revoke->add_option("--user", tree.arguments.who, "End all sessions of this user");
    all_of->excludes(id);
}

} // namespace gatehouse::gateway
