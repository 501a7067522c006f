#include "gateway/command/tree/command_tree.hpp"

#include <CLI/CLI.hpp>

namespace gatehouse::gateway {

CLI::App* CommandTree::add(CLI::App& parent, const char* name, CommandName command,
                           const char* sentence)
{
    auto* added = parent.add_subcommand(name, sentence);
    added->fallthrough();
    added->callback([this, command] { arguments.command = command; });
    return added;
}

CLI::App* CommandTree::add_group(const char* name, const char* sentence)
{
    auto* group = root.add_subcommand(name, sentence);
    group->fallthrough();
    group->require_subcommand(1);
    return group;
}

void CommandTree::add_who(CLI::App& command)
{
    command.add_option("who", arguments.who, "A username, an e-mail address or an id")->required();
}

void CommandTree::add_password(CLI::App& command)
{
    command.add_flag("--password-stdin", arguments.password_stdin,
                     "Read the password from standard input instead of asking");
}

} // namespace gatehouse::gateway
