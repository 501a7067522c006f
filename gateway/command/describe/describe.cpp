#include "gateway/command/describe/describe.hpp"

#include "config/reference/schema.hpp"
#include "gateway/command/describe/completion.hpp"
#include "gateway/command/describe/manual.hpp"

namespace gatehouse::gateway {
namespace {

std::string completion_for(const std::string& shell)
{
    const auto facts = command_line_facts();
    if (shell == "zsh") return zsh_completion(facts);
    return shell == "fish" ? fish_completion(facts) : bash_completion(facts);
}

std::string manual_of(const std::string& page)
{
    if (page == "gatehouse.yaml") return configuration_manual(config::configuration_sections());
    return command_manual(command_line_facts());
}

} // namespace

int run_describe(const Arguments& arguments, Console& console)
{
    switch (arguments.command) {
    case CommandName::completion:
        console.out << completion_for(arguments.shell);
        break;
    case CommandName::manual:
        console.out << manual_of(arguments.page);
        break;
    default:
        console.out << config::configuration_schema();
        break;
    }
    return exit_ok;
}

} // namespace gatehouse::gateway
