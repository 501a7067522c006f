#include "gateway/command/execute.hpp"

#include "gateway/command/accounts.hpp"
#include "gateway/command/api_keys.hpp"
#include "gateway/command/audit.hpp"
#include "gateway/command/check.hpp"
#include "gateway/command/chosen_settings.hpp"
#include "gateway/command/describe/describe.hpp"
#include "gateway/command/explain.hpp"
#include "gateway/command/health.hpp"
#include "gateway/command/init/init.hpp"
#include "gateway/command/keys.hpp"
#include "gateway/command/operator_rooms.hpp"
#include "gateway/command/running.hpp"
#include "gateway/command/serve.hpp"
#include "gateway/command/store.hpp"
#include "gateway/command/store_copy.hpp"
#include "gateway/command/user_import.hpp"

#include <unistd.h>

#include <filesystem>
#include <string_view>
#include <system_error>

namespace gatehouse::gateway {
namespace {

/// Whether it is about what is in the store already, and puts nothing first into an empty one.
bool wants_a_store_that_is_there(CommandName command)
{
    switch (command) {
    case CommandName::user_list:
    case CommandName::user_block:
    case CommandName::user_unblock:
    case CommandName::user_remove_second_factor:
    case CommandName::user_set_password:
    case CommandName::user_set_roles:
    case CommandName::user_delete:
    case CommandName::session_list:
    case CommandName::session_revoke:
    case CommandName::apikey_create:
    case CommandName::apikey_list:
    case CommandName::apikey_revoke:
    case CommandName::audit:
        return true;
    default:
        return false;
    }
}

/// A mistyped path is not to become an empty store in which nobody is known.
bool is_missing(std::string_view store)
{
    constexpr std::string_view sqlite = "sqlite:";
    if (!store.starts_with(sqlite)) return false;
    std::error_code unreadable;
    const bool there = std::filesystem::exists(store.substr(sqlite.size()), unreadable);
    return !there && !unreadable;
}

int with_operator_rooms(const Arguments& arguments, config::Settings settings, Console& console)
{
    if (wants_a_store_that_is_there(arguments.command) && is_missing(settings.store)) {
        console.err << settings.store << ": there is no such file\n"
                    << "  hint: correct store, or the folder you are in; gatehouse run, user add, "
                       "user import and user invite make a new store\n";
        return exit_failed;
    }
    const auto rooms = OperatorRooms::open(std::move(settings), console);
    if (rooms == nullptr) return exit_failed;
    switch (arguments.command) {
    case CommandName::keys_list:
    case CommandName::keys_rotate:
    case CommandName::keys_import:
        return run_keys_command(arguments, *rooms, console);
    case CommandName::apikey_create:
    case CommandName::apikey_list:
    case CommandName::apikey_revoke:
        return run_api_key_command(arguments, *rooms, console);
    case CommandName::user_import:
        return run_user_import(arguments, *rooms, console);
    case CommandName::audit:
        return run_audit_command(arguments, *rooms, console);
    default:
        return run_account_command(arguments, *rooms, console);
    }
}

/// Whether it is answered without any settings.
bool is_about_itself(CommandName command)
{
    return command == CommandName::config_schema || command == CommandName::completion ||
           command == CommandName::manual;
}

} // namespace

int execute(const Arguments& arguments, Console& console)
{
    if (arguments.command == CommandName::version) {
        console.out << "gatehouse " GATEHOUSE_VERSION "\n";
        return exit_ok;
    }
    if (arguments.command == CommandName::demo) return run_demo(arguments, console);
    if (arguments.command == CommandName::init)
        return run_init(arguments, ::isatty(STDIN_FILENO) == 1, console);
    if (is_about_itself(arguments.command)) return run_describe(arguments, console);
    if (arguments.command == CommandName::run) return run_gateway(arguments, console);
    auto settings = chosen_settings(arguments, console);
    if (!settings) return exit_usage;
    switch (arguments.command) {
    case CommandName::check:
        return run_check(arguments, *settings, console);
    case CommandName::status:
    case CommandName::reload:
    case CommandName::quit:
    case CommandName::log_level:
    case CommandName::cache_purge:
        return run_running_command(arguments, *settings, console);
    case CommandName::config_show:
        return run_config(arguments, *settings, console);
    case CommandName::explain:
        if (arguments.live) return run_running_command(arguments, *settings, console);
        return run_explain(arguments, *std::move(settings), console);
    case CommandName::health:
        return run_health(arguments, *settings, console);
    case CommandName::store_status:
    case CommandName::store_migrate:
    case CommandName::store_fence:
        return run_store_command(arguments, *settings, console);
    case CommandName::store_copy:
        return run_store_copy(arguments, *settings, console);
    default:
        return with_operator_rooms(arguments, *std::move(settings), console);
    }
}

} // namespace gatehouse::gateway
