#include "gateway/command/describe/shell_words.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

namespace gatehouse::gateway::shell {

std::string quoted(std::string_view text)
{
    std::string out = "'";
    for (const char c : text) out += c == '\'' ? std::string{"'\\''"} : std::string(1, c);
    return out + "'";
}

void each_command(const CommandFacts& root, const std::function<void(const CommandFacts&)>& each)
{
    each(root);
    for (const auto& command : root.commands) each_command(command, each);
}

std::string paths_of_commands(const CommandFacts& root)
{
    std::vector<std::string> paths;
    each_command(root, [&](const CommandFacts& command) {
        if (command.path.empty()) return;
        const bool first = command.path.find(' ') == std::string::npos;
        paths.push_back(quoted((first ? " " : "") + command.path));
    });
    return fmt::format("{}", fmt::join(paths, " | "));
}

std::string last_word(const std::string& path)
{
    return path.substr(path.rfind(' ') + 1);
}

std::vector<std::string> choices_behind(const CommandFacts& command)
{
    std::vector<std::string> choices;
    for (const auto& option : command.options) {
        if (!option.positional) continue;
        choices.insert(choices.end(), option.choices.begin(), option.choices.end());
    }
    return choices;
}

std::string filled(std::string script,
                   const std::vector<std::pair<std::string, std::string>>& marks)
{
    for (const auto& [mark, text] : marks) {
        for (auto at = script.find(mark); at != std::string::npos;
             at = script.find(mark, at + text.size())) {
            script.replace(at, mark.size(), text);
        }
    }
    return script;
}

bool takes_value(const OptionFacts& option)
{
    return !option.positional && !option.value.empty();
}

bool takes_file(const OptionFacts& option)
{
    return option.value == "FILE";
}

std::string names_of_options(const CommandFacts& root,
                             const std::function<bool(const OptionFacts&)>& wanted)
{
    std::set<std::string> names;
    each_command(root, [&](const CommandFacts& command) {
        for (const auto& option : command.options) {
            if (takes_value(option) && wanted(option)) names.insert(option.name);
        }
    });
    return fmt::format("{}", fmt::join(names, "|"));
}

std::vector<OptionFacts> options_at(const CommandFacts& root, const CommandFacts& command)
{
    std::vector<OptionFacts> options;
    const auto add = [&](const CommandFacts& from) {
        for (const auto& option : from.options) {
            const bool known =
                std::ranges::find(options, option.name, &OptionFacts::name) != options.end();
            if (!option.positional && !known) options.push_back(option);
        }
    };
    add(command);
    each_command(root, [&](const CommandFacts& above) {
        const bool is_above = above.path.empty() || command.path.starts_with(above.path + " ");
        if (is_above) add(above);
    });
    return options;
}

} // namespace gatehouse::gateway::shell
