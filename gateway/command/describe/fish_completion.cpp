#include "gateway/command/describe/completion.hpp"
#include "gateway/command/describe/shell_words.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace gatehouse::gateway {
namespace {

constexpr auto script = R"(# fish completion for gatehouse. Made by: gatehouse completion fish

function __gatehouse_at
    set -l at
    set -l skip no
    for word in (commandline -opc)[2..-1]
        if test $skip = yes
            set skip no
            continue
        end
        if contains -- $word @VALUED@
            set skip yes
            continue
        end
        if contains -- (string join ' ' $at $word) @PATHS@
            set -a at $word
        end
    end
    test (string join ' ' $at) = "$argv[1]"
end

complete -c gatehouse -f
)";

/// To fish a backslash means something between single quotation marks, too.
std::string quoted(std::string_view text)
{
    std::string out = "'";
    for (const char c : text) {
        if (c == '\'' || c == '\\') out += '\\';
        out += c;
    }
    return out + "'";
}

std::string option_line(const CommandFacts& command, const OptionFacts& option)
{
    std::string takes;
    if (shell::takes_file(option)) takes = " -r -F";
    if (shell::takes_value(option) && !shell::takes_file(option)) takes = " -x";
    if (!option.choices.empty()) {
        takes += fmt::format(" -a {}", quoted(fmt::format("{}", fmt::join(option.choices, " "))));
    }
    return fmt::format("complete -c gatehouse -n {} -l {}{} -d {}\n",
                       quoted(fmt::format("__gatehouse_at \"{}\"", command.path)),
                       option.name.substr(2), takes, quoted(option.meaning));
}

std::string lines_for(const CommandFacts& root, const CommandFacts& command)
{
    std::string lines;
    for (const auto& inner : command.commands) {
        lines += fmt::format("complete -c gatehouse -n {} -a {} -d {}\n",
                             quoted(fmt::format("__gatehouse_at \"{}\"", command.path)),
                             shell::last_word(inner.path), quoted(inner.meaning));
    }
    for (const auto& choice : shell::choices_behind(command)) {
        lines += fmt::format("complete -c gatehouse -n {} -a {}\n",
                             quoted(fmt::format("__gatehouse_at \"{}\"", command.path)), choice);
    }
    for (const auto& option : shell::options_at(root, command)) {
        lines += option_line(command, option);
    }
    return lines;
}

} // namespace

std::string fish_completion(const CommandFacts& root)
{
    const auto any = [](const OptionFacts&) { return true; };
    auto valued = shell::names_of_options(root, any);
    std::ranges::replace(valued, '|', ' ');
    std::vector<std::string> paths;
    std::string lines;
    shell::each_command(root, [&](const CommandFacts& command) {
        if (!command.path.empty()) paths.push_back(quoted(command.path));
        lines += lines_for(root, command);
    });
    return shell::filled(
               script,
               {
                   {"@VALUED@", valued},
                   {"@PATHS@", fmt::format("{}", fmt::join(paths, " "))}
    }) +
           lines;
}

} // namespace gatehouse::gateway
