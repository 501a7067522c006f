#pragma once

#include "gateway/command/arguments.hpp"

namespace CLI {
class App;
class Option;
} // namespace CLI

namespace gatehouse::gateway {

/// What the groups of commands are hung up on. Every option of the root may also stand behind a
/// command. What was typed lands in `arguments`; all three outlive the tree.
struct CommandTree {
    /// A command below `parent`, which may be the root or a group.
    CLI::App* add(CLI::App& parent, const char* name, CommandName command, const char* sentence);
    /// A word that needs another one behind it.
    CLI::App* add_group(const char* name, const char* sentence);
    /// The positional `who`, and how a password comes in.
    void add_who(CLI::App& command);
    void add_password(CLI::App& command);

    CLI::App& root;
    CLI::Option* config; // --config
    Arguments& arguments;
};

/// The options of the root, and every group of commands.
void add_everything(CommandTree& tree);

/// One function for each group of commands, in the order in which --help shows them.
void add_running(CommandTree& tree);
void add_setup(CommandTree& tree);
void add_looking(CommandTree& tree);
void add_users(CommandTree& tree);
void add_sessions(CommandTree& tree);
void add_keys(CommandTree& tree);
void add_api_keys(CommandTree& tree);
void add_store(CommandTree& tree);
void add_audit(CommandTree& tree);

} // namespace gatehouse::gateway
