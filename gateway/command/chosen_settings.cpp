#include "gateway/command/chosen_settings.hpp"

#include "config/environment/environment.hpp"
#include "config/load/load.hpp"

#include <filesystem>

namespace gatehouse::gateway {
namespace {

using config::Override;

/// Whether the command makes no sense without a file that says what is served.
bool wants_a_file(CommandName command)
{
    return command == CommandName::run || command == CommandName::check ||
           command == CommandName::explain;
}

/// Whether the command is about serving: only those have use for warnings.
bool serves(CommandName command)
{
    return wants_a_file(command) && command != CommandName::explain;
}

std::vector<Override> overrides_of(const Arguments& arguments)
{
    std::vector<Override> overrides;
    const auto add = [&](const char* option, const char* key, const std::string& value) {
        if (!value.empty()) overrides.push_back({option, key, value});
    };
    add("--listen", "listen[0].address", arguments.listen);
    add("--log-format", "log.format", arguments.log_format);
    if (!arguments.upstream.empty()) {
        add("--upstream", "routes[0].match", "/**");
        add("--upstream", "routes[0].to", arguments.upstream);
    }
    return overrides;
}

config::Loaded load(const Arguments& arguments, const config::Environment& environment)
{
    const auto overrides = overrides_of(arguments);
    const bool there = std::filesystem::exists(arguments.config_file);
    const bool optional = !arguments.config_given && !there && !wants_a_file(arguments.command);
    if (!arguments.upstream.empty() || optional) {
        return config::load_without_file(environment, overrides);
    }
    return config::load_file(arguments.config_file, environment, overrides);
}

} // namespace

config::Loaded load_settings(const Arguments& arguments)
{
    auto environment = config::process_environment();
    if (arguments.env_file.empty()) return load(arguments, environment);
    auto mistakes = config::add_env_file(arguments.env_file, environment);
    // What is said of a file whose variables are missing would only hide what is wrong.
    auto loaded = mistakes.empty() ? load(arguments, environment) : config::Loaded{};
    if (!mistakes.empty()) {
        loaded.source = arguments.env_file;
        loaded.errors = std::move(mistakes);
        loaded.files.push_back(arguments.config_file);
    }
    loaded.files.push_back(arguments.env_file);
    return loaded;
}

std::optional<config::Loaded> chosen(const Arguments& arguments, Console& console)
{
    auto loaded = load_settings(arguments);
    console.err << to_string(loaded.errors);
    if (!loaded.ok()) return {};
    if (serves(arguments.command)) console.err << to_string(loaded.warnings);
    return loaded;
}

std::optional<config::Settings> chosen_settings(const Arguments& arguments, Console& console)
{
    auto loaded = chosen(arguments, console);
    if (!loaded) return {};
    return std::move(loaded->settings);
}

} // namespace gatehouse::gateway
