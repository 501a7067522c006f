#include "gateway/command/tree/command_tree.hpp"

#include <CLI/CLI.hpp>

namespace gatehouse::gateway {

void add_users(CommandTree& tree)
{
    auto* user = tree.add_group("user", "Accounts: add, list, block, invite ...");
    auto* added = tree.add(*user, "add", CommandName::user_add, "Add an account");
    added->add_option("name", tree.arguments.who, "A username or an e-mail address")->required();
    added->add_option("--email", tree.arguments.email, "An e-mail address besides the username");
    added->add_option("--role", tree.arguments.roles, "A role; may be repeated");
    tree.add_password(*added);

    tree.add(*user, "list", CommandName::user_list, "List all accounts");
    tree.add_who(
        *tree.add(*user, "block", CommandName::user_block, "End all sessions, admit no more"));
    tree.add_who(*tree.add(*user, "unblock", CommandName::user_unblock, "Admit again"));
    tree.add_who(*tree.add(*user, "delete", CommandName::user_delete, "Delete for good"));
    auto* imported = tree.add(*user, "import", CommandName::user_import,
                              "Take over accounts of another system with their passwords and ids");
    imported
        ->add_option("file", tree.arguments.file, "One JSON object per line; - is standard input")
        ->required();
    imported->add_flag("--dry-run", tree.arguments.dry_run, "Tell every mistake, change nothing");
    imported->add_option("--username", tree.arguments.username_member,
                         "The member that is the username, if not username or user");

    auto* password = tree.add(*user, "set-password", CommandName::user_set_password,
                              "Set a password; ends all sessions");
    tree.add_who(*password);
    tree.add_password(*password);

    tree.add_who(*tree.add(*user, "remove-second-factor", CommandName::user_remove_second_factor,
                           "Take authenticator app and recovery codes away, for who lost them"));

    auto* roles = tree.add(*user, "set-roles", CommandName::user_set_roles, "Replace the roles");
    tree.add_who(*roles);
    roles->add_option("roles", tree.arguments.roles, "The new roles; none takes all away");

    tree.add(*user, "invite", CommandName::user_invite, "Make a code that lets one person register")
        ->add_option("--expires", tree.arguments.expires, "How long it can be used")
        ->capture_default_str();
}

} // namespace gatehouse::gateway
