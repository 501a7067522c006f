#include "gateway/command/describe/command_facts.hpp"

#include "gateway/command/tree/command_tree.hpp"

#include <CLI/CLI.hpp>

namespace gatehouse::gateway {
namespace {

/// `json` and `dev` of the type `TEXT:{dev,json}`.
std::vector<std::string> choices_of(const std::string& type)
{
    std::vector<std::string> choices;
    const auto open = type.find(":{");
    if (open == std::string::npos || !type.ends_with('}')) return choices;
    std::size_t start = open + 2;
    while (start < type.size()) {
        const auto end = type.find_first_of(",}", start);
        choices.push_back(type.substr(start, end - start));
        start = end + 1;
    }
    return choices;
}

/// `ADDRESS:PORT`, without what checks add behind a colon: `:{dev,json}`, `:UINT in [1 - 9]`.
std::string value_of(const std::string& type)
{
    const auto choices = type.find(":{");
    const auto range = type.find(" in [");
    return type.substr(0, range == std::string::npos ? choices : type.find(':'));
}

OptionFacts facts_of(const CLI::Option& option)
{
    OptionFacts facts;
    facts.positional = option.get_positional();
    facts.name = facts.positional ? option.get_name() : "--" + option.get_lnames().front();
    facts.meaning = option.get_description();
    facts.required = option.get_required();
    facts.standard = option.get_default_str();
    facts.repeatable = option.get_items_expected_max() > 1;
    if (option.get_items_expected_max() > 0) {
        const auto type = option.get_type_name();
        facts.value = value_of(type);
        facts.choices = choices_of(type);
    }
    return facts;
}

CommandFacts facts_of(const CLI::App& app, const std::string& path)
{
    CommandFacts facts;
    facts.path = path;
    facts.meaning = app.get_description();
    for (const auto* option : app.get_options()) facts.options.push_back(facts_of(*option));
    for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; })) {
        const auto name = path.empty() ? command->get_name() : path + " " + command->get_name();
        facts.commands.push_back(facts_of(*command, name));
    }
    return facts;
}

} // namespace

CommandFacts command_line_facts()
{
    CLI::App app;
    Arguments arguments;
    CommandTree tree{app, nullptr, arguments};
    add_everything(tree);
    return facts_of(app, "");
}

} // namespace gatehouse::gateway
