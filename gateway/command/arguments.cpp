#include "gateway/command/arguments.hpp"

#include "auth/basics/id.hpp"
#include "config/diagnostics/nearest.hpp"
#include "gateway/command/console.hpp"
#include "gateway/command/tree/command_tree.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstddef>
#include <span>
#include <sstream>
#include <string>
#include <vector>

namespace gatehouse::gateway {
namespace {

std::vector<std::string> commands_of(const CLI::App& group)
{
    std::vector<std::string> names;
    for (const auto* command : group.get_subcommands([](const CLI::App*) { return true; })) {
        names.push_back(command->get_name());
    }
    return names;
}

/// Its own options and those of the commands it stands under.
std::vector<std::string> options_of(const CLI::App& command)
{
    std::vector<std::string> names;
    for (const CLI::App* app = &command; app != nullptr; app = app->get_parent()) {
        for (const auto* option : app->get_options()) {
            for (const auto& name : option->get_lnames()) {
                if (app == &command || name != "help") names.push_back("--" + name);
            }
        }
    }
    return names;
}

std::string complaint(std::string_view what, std::string_view word,
                      const std::vector<std::string>& names)
{
    const std::vector<std::string_view> known(names.begin(), names.end());
    return fmt::format("{}\n  hint: {}\n", what, config::nearest_hint(word, known));
}

/// As they were given, but `--name=` as `--name` and an empty word behind it. CLI11 would take the
/// next word for the value: of a script whose variable is not set, another option.
std::vector<std::string> with_empty_values(std::span<const char* const> words)
{
    std::vector<std::string> all;
    bool options_end = false;
    for (const std::string word : words) {
        options_end = options_end || word == "--";
        const bool is_empty = word.starts_with("--") && word.find('=') == word.size() - 1;
        if (options_end || !is_empty) {
            all.push_back(word);
            continue;
        }
        all.push_back(word.substr(0, word.size() - 1));
        all.emplace_back();
    }
    return all;
}

/// The whole command line. The commands are in gateway/command/tree.
class CommandLine {
public:
    CommandLine() { add_everything(tree_); }

    std::variant<Arguments, Finished> parse(int count, const char* const* words)
    {
        const auto given = with_empty_values({words, static_cast<std::size_t>(count)});
        std::vector<const char*> all;
        for (const auto& word : given) all.push_back(word.c_str());
        try {
            app_.parse(static_cast<int>(all.size()), all.data());
        } catch (const CLI::ParseError& error) {
            if (const auto usage = misspelt(error); !usage.empty())
                return Finished{exit_usage, "", usage};
            std::ostringstream out;
            std::ostringstream err;
            const bool is_help = app_.exit(error, out, err) == 0;
            return Finished{is_help ? exit_ok : exit_usage, out.str(), err.str()};
        }
        arguments_.config_given = tree_.config->count() > 0;
        return arguments_;
    }

private:
    /// What to say of a missing or unknown word; "" when the mistake is another one. The value
    /// behind an unknown option is not repeated: it may be a password.
    [[nodiscard]] std::string misspelt(const CLI::ParseError& error) const
    {
        const auto kind = static_cast<CLI::ExitCodes>(error.get_exit_code());
        if (kind != CLI::ExitCodes::ExtrasError && kind != CLI::ExitCodes::RequiredError) return {};
        const auto& command = chosen_command();
        const bool is_group = command.get_require_subcommand_min() > 0;
        const auto unknown = app_.remaining(true);
        if (unknown.empty())
            return is_group ? complaint("a command is missing", "", commands_of(command)) : "";
        const auto word = unknown.front().substr(0, unknown.front().find('='));
        // Ids of other systems, and those of before, may begin like an option.
        if (word.starts_with('-') && auth::Id128::parse(word))
            return fmt::format("\"{0}\" is not an option\n  hint: if it is an id, write -- {0}\n",
                               word);
        if (word.starts_with('-'))
            return complaint(fmt::format("\"{}\" is not an option", word), word,
                             options_of(command));
        if (is_group)
            return complaint(fmt::format("\"{}\" is not a command", word), word,
                             commands_of(command));
        return fmt::format("\"{}\" is one word too many\n  hint: {} --help shows what can stand "
                           "there\n",
                           word, command.get_display_name());
    }

    /// The last command that was understood; the root when none was.
    [[nodiscard]] const CLI::App& chosen_command() const
    {
        const CLI::App* command = &app_;
        while (!command->get_subcommands().empty()) command = command->get_subcommands().front();
        return *command;
    }

    Arguments arguments_;
    CLI::App app_;
    CommandTree tree_{app_, nullptr, arguments_};
};

} // namespace

std::variant<Arguments, Finished> parse_arguments(int count, const char* const* words)
{
    CommandLine line;
    return line.parse(count, words);
}

} // namespace gatehouse::gateway
