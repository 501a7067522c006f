#include "gateway/command/describe/completion.hpp"
#include "gateway/command/describe/shell_words.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace gatehouse::gateway {
namespace {

// @..@ are filled in. `=` is a word of its own to bash: --config=FILE comes as three.
constexpr auto script = R"(# bash completion for gatehouse. Made by: gatehouse completion bash

_gatehouse() {
    local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} at="" skip="" i word
    if [[ $current == "=" ]]; then
        current=""
    elif [[ $before == "=" ]]; then
        before=${COMP_WORDS[COMP_CWORD-2]}
    fi
    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; ++i)); do
        word=${COMP_WORDS[i]}
        if [[ $word == "=" ]]; then skip=yes; continue; fi
        if [[ -n $skip ]]; then skip=""; continue; fi
        case $word in
            @VALUED@) [[ ${COMP_WORDS[i+1]} == "=" ]] || skip=yes ;;
        esac
        case "$at $word" in
            @PATHS@) at="${at:+$at }$word" ;;
        esac
    done
    case "$at:$before" in
@CHOICES@    esac
    case $before in
        @FILES@)
            compopt -o filenames 2>/dev/null
            mapfile -t COMPREPLY < <(compgen -f -- "$current")
            return ;;
        @VALUED@) return ;;
    esac
    local words=""
    case $at in
@WORDS@    esac
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}

complete -F _gatehouse gatehouse
)";

std::string choices(const CommandFacts& root)
{
    std::string lines;
    shell::each_command(root, [&](const CommandFacts& command) {
        for (const auto& option : command.options) {
            if (!shell::takes_value(option) || option.choices.empty()) continue;
            lines += fmt::format("        {}) mapfile -t COMPREPLY < <(compgen -W {} -- "
                                 "\"$current\"); return ;;\n",
                                 shell::quoted(command.path + ":" + option.name),
                                 shell::quoted(fmt::format("{}", fmt::join(option.choices, " "))));
        }
    });
    return lines;
}

std::string words(const CommandFacts& root)
{
    std::string lines;
    shell::each_command(root, [&](const CommandFacts& command) {
        auto names = shell::choices_behind(command);
        for (const auto& inner : command.commands) names.push_back(shell::last_word(inner.path));
        for (const auto& option : shell::options_at(root, command)) names.push_back(option.name);
        lines += fmt::format("        {}) words={} ;;\n", shell::quoted(command.path),
                             shell::quoted(fmt::format("{}", fmt::join(names, " "))));
    });
    return lines;
}

} // namespace

std::string bash_completion(const CommandFacts& root)
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
