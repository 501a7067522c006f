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

void add_everything(CommandTree& tree)
{
    auto& root = tree.root;
    root.description("Gatehouse stands in front of your services and lets in who may come in.");
    root.name("gatehouse");
    root.require_subcommand(1);
    root.set_version_flag("--version", "gatehouse " GATEHOUSE_VERSION,
                          "Print what `version` prints and exit");
    tree.config = root.add_option("--config", tree.arguments.config_file, "The YAML file")
                      ->type_name("FILE")
                      ->capture_default_str();
    root.add_option("--env-file", tree.arguments.env_file,
                    "Lines NAME=value; the environment wins over them")
        ->type_name("FILE");
    for (const auto add_commands : {add_running, add_setup, add_looking, add_users, add_sessions,
                                    add_keys, add_api_keys, add_store, add_audit}) {
        add_commands(tree);
    }
}

} // namespace gatehouse::gateway
