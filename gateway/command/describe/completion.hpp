#pragma once

#include "gateway/command/describe/command_facts.hpp"

#include <string>

namespace gatehouse::gateway {

/// What makes a shell complete the command line: commands, options, their choices and files.
[[nodiscard]] std::string bash_completion(const CommandFacts& root);
[[nodiscard]] std::string zsh_completion(const CommandFacts& root);
[[nodiscard]] std::string fish_completion(const CommandFacts& root);

} // namespace gatehouse::gateway
