#include "gateway/command/describe/completion.hpp"
#include "gateway/command/describe/shell_words.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace gatehouse::gateway {
namespace {

// `path` is a special name to zsh.
constexpr auto script = R"(#compdef gatehouse
# zsh completion for gatehouse. Made by: gatehouse completion zsh

_gatehouse() {
    local at="" skip="" word
    local -a commands options
    for word in "${(@)words[2,CURRENT-1]}"; do
        if [[ -n $skip ]]; then skip=""; continue; fi
        case $word in
            (@VALUED@) skip=yes ;;
        esac
        case "$at $word" in
            (@PATHS@) at="${at:+$at }$word" ;;
        esac
    done
    case "$at:${words[CURRENT-1]}" in
@CHOICES@    esac
    case ${words[CURRENT-1]} in
        (@FILES@) _files; return ;;
        (@VALUED@) return ;;
    esac
    case $at in
@WORDS@    esac
    (( $#commands )) && _describe -t commands command commands
    _describe -t options option options
}

_gatehouse "$@"
)";

/// `name:meaning`, as _describe wants it.
std::string described(const std::string& name, std::string meaning)
{
    for (auto at = meaning.find(':'); at != std::string::npos; at = meaning.find(':', at + 2)) {
        meaning.insert(at, "\\");
    }
    return shell::quoted(name + ":" + meaning);
}

std::string choices(const CommandFacts& root)
{
    std::string lines;
    shell::each_command(root, [&](const CommandFacts& command) {
        for (const auto& option : command.options) {
            if (!shell::takes_value(option) || option.choices.empty()) continue;
            lines += fmt::format("        ({}) compadd -- {}; return ;;\n",
                                 shell::quoted(command.path + ":" + option.name),
                                 fmt::join(option.choices, " "));
        }
    });
    return lines;
}

std::string words(const CommandFacts& root)
{
    std::string lines;
    shell::each_command(root, [&](const CommandFacts& command) {
        auto commands = shell::choices_behind(command);
        std::vector<std::string> options;
        for (const auto& inner : command.commands) {
            commands.push_back(described(shell::last_word(inner.path), inner.meaning));
        }
        for (const auto& option : shell::options_at(root, command)) {
            options.push_back(described(option.name, option.meaning));
        }
        lines +=
            fmt::format("        ({}) commands=({}) options=({}) ;;\n", shell::quoted(command.path),
                        fmt::join(commands, " "), fmt::join(options, " "));
    });
    return lines;
}

} // namespace

std::string zsh_completion(const CommandFacts& root)
{
    const auto any = [](const OptionFacts&) { return true; };
    return shell::filled(script, {
                                     {"@VALUED@", shell::names_of_options(root, any)},
                                     {"@FILES@", shell::names_of_options(root, shell::takes_file)},
                                     {"@PATHS@", shell::paths_of_commands(root)},
                                     {"@CHOICES@", choices(root)},
                                     {"@WORDS@", words(root)}
    });
}

} // namespace gatehouse::gateway
