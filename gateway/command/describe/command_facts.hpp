#pragma once

#include <string>
#include <vector>

namespace gatehouse::gateway {

/// An option, or with `positional` a word, as the command line knows it.
struct OptionFacts {
    std::string name; // `--config`, or the name of a positional
    std::string meaning;
    std::string value; // what kind of value it takes; empty: none
    std::vector<std::string> choices;
    std::string standard; // the default, where one is shown
    bool positional = false;
    bool required = false;
    bool repeatable = false;
};

/// A command or a group of commands. The root has an empty path.
struct CommandFacts {
    std::string path; // `user add`
    std::string meaning;
    std::vector<OptionFacts> options;
    std::vector<CommandFacts> commands;
};

/// The whole command line as it is parsed: what completes it and what describes it are made of
/// this, so that they cannot say anything else.
[[nodiscard]] CommandFacts command_line_facts();

} // namespace gatehouse::gateway
