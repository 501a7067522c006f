#pragma once

#include "gateway/command/describe/command_facts.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What the completions of all shells are made of.
namespace gatehouse::gateway::shell {

/// `'it'\''s'`: one word to bash and zsh, whatever is in it.
[[nodiscard]] std::string quoted(std::string_view text);

/// The paths of all commands and groups, the root's empty one first.
void each_command(const CommandFacts& root, const std::function<void(const CommandFacts&)>& each);

/// Every option that takes a value and is `wanted`, as `--a|--b` for a `case`.
[[nodiscard]] std::string names_of_options(const CommandFacts& root,
                                           const std::function<bool(const OptionFacts&)>& wanted);

/// Those of the command and of everything it stands below; --help once.
[[nodiscard]] std::vector<OptionFacts> options_at(const CommandFacts& root,
                                                  const CommandFacts& command);

/// `' run' | ' user' | 'user add'`: for a `case` over what was understood so far and a word.
[[nodiscard]] std::string paths_of_commands(const CommandFacts& root);

/// `add` of `user add`.
[[nodiscard]] std::string last_word(const std::string& path);

/// What may stand behind a command without a name: the choices of its positionals.
[[nodiscard]] std::vector<std::string> choices_behind(const CommandFacts& command);

/// The script with each mark replaced.
[[nodiscard]] std::string filled(std::string script,
                                 const std::vector<std::pair<std::string, std::string>>& marks);

[[nodiscard]] bool takes_value(const OptionFacts& option);
[[nodiscard]] bool takes_file(const OptionFacts& option);

} // namespace gatehouse::gateway::shell
