#include "gateway/command/arguments.hpp"

#include "auth/basics/id.hpp"
#include "config/diagnostics/nearest.hpp"
#include "gateway/command/console.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <sstream>

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

/// The tree of commands. Every option of the root may also stand behind a command.
class CommandLine {
public:
    CommandLine()
    {
        app_.description("Gatehouse stands in front of your services and lets in who may come in.");
        app_.name("gatehouse");
        app_.require_subcommand(1);
        config_ = app_.add_option("--config", arguments_.config_file, "The YAML file")
                      ->type_name("FILE")
                      ->capture_default_str();
        app_.add_option("--env-file", arguments_.env_file,
                        "Lines NAME=value; the environment wins over them")
            ->type_name("FILE");
        add_running();
        add_looking();
        add_users();
        add_sessions_and_keys();
        add_api_keys();
        add_store();
        add_audit();
    }

    std::variant<Arguments, Finished> parse(int count, const char* const* words)
    {
        try {
            app_.parse(count, words);
        } catch (const CLI::ParseError& error) {
            if (const auto usage = misspelt(error); !usage.empty())
                return Finished{exit_usage, "", usage};
            std::ostringstream out;
            std::ostringstream err;
            const bool is_help = app_.exit(error, out, err) == 0;
            return Finished{is_help ? exit_ok : exit_usage, out.str(), err.str()};
        }
        arguments_.config_given = config_->count() > 0;
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

    CLI::App* add(CLI::App& parent, const char* name, CommandName command, const char* sentence)
    {
        auto* added = parent.add_subcommand(name, sentence);
        added->fallthrough();
        added->callback([this, command] { arguments_.command = command; });
        return added;
    }

    CLI::App* add_group(const char* name, const char* sentence)
    {
        auto* group = app_.add_subcommand(name, sentence);
        group->fallthrough();
        group->require_subcommand(1);
        return group;
    }

    void add_running()
    {
        auto* run = add(app_, "run", CommandName::run, "Serve until SIGTERM or SIGINT");
        auto* upstream = run->add_option("--upstream", arguments_.upstream,
                                         "Protect this one service, without a file");
        upstream->type_name("URL")->excludes(config_);
        run->add_option("--listen", arguments_.listen, "Where clients connect")
            ->type_name("ADDRESS:PORT")
            ->needs(upstream);
        add_log_format(*run);

        auto* demo = add(app_, "demo", CommandName::demo,
                         "Serve a small echo service, with a store that is gone afterwards");
        demo->add_option("--listen", arguments_.listen, "Default 127.0.0.1:8080")
            ->type_name("ADDRESS:PORT")
            ->excludes(config_);
        demo->add_flag("--no-guide", arguments_.no_guide, "Do not print what to try");
        add_log_format(*demo);
    }

    void add_log_format(CLI::App& command)
    {
        command.add_option("--log-format", arguments_.log_format, "json, or dev for people")
            ->check(CLI::IsMember({"json", "dev"}));
    }

    void add_looking()
    {
        add(app_, "check", CommandName::check, "Show every mistake in the configuration")
            ->add_flag("--connect", arguments_.connect, "Also try the store and every upstream");

        auto* explain = add(app_, "explain", CommandName::explain,
                            "Show what would happen to a request, and why");
        explain->add_option("request", arguments_.request, "Such as 'GET /orders/7'")->required();
        explain->add_option("--token", arguments_.token, "An access token");
        explain->add_option("--host", arguments_.host, "The Host field")->capture_default_str();

        add(app_, "health", CommandName::health, "Ask a running gateway whether it is alive")
            ->add_flag("--ready", arguments_.ready, "Whether it is ready for requests");
        add(app_, "version", CommandName::version, "Print the version");
    }

    void add_users()
    {
        auto* user = add_group("user", "Accounts: add, list, block, invite ...");
        auto* added = add(*user, "add", CommandName::user_add, "Add an account");
        added->add_option("name", arguments_.who, "A username or an e-mail address")->required();
        added->add_option("--email", arguments_.email, "An e-mail address besides the username");
        added->add_option("--role", arguments_.roles, "A role; may be repeated");
        add_password(*added);

        add(*user, "list", CommandName::user_list, "List all accounts");
        add_who(*add(*user, "block", CommandName::user_block, "End all sessions, admit no more"));
        add_who(*add(*user, "unblock", CommandName::user_unblock, "Admit again"));
        add_who(*add(*user, "delete", CommandName::user_delete, "Delete for good"));
        auto* imported = add(*user, "import", CommandName::user_import,
                             "Take over accounts of another system with their passwords and ids");
        imported
            ->add_option("file", arguments_.file, "One JSON object per line; - is standard input")
            ->required();
        imported->add_flag("--dry-run", arguments_.dry_run, "Tell every mistake, change nothing");
        imported->add_option("--username", arguments_.username_member,
                             "The member that is the username, if not username or user");

        auto* password = add(*user, "set-password", CommandName::user_set_password,
                             "Set a password; ends all sessions");
        add_who(*password);
        add_password(*password);

        auto* roles = add(*user, "set-roles", CommandName::user_set_roles, "Replace the roles");
        add_who(*roles);
        roles->add_option("roles", arguments_.roles, "The new roles; none takes all away");

        add(*user, "invite", CommandName::user_invite, "Make a code that lets one person register")
            ->add_option("--expires", arguments_.expires, "How long it can be used")
            ->capture_default_str();
    }

    void add_sessions_and_keys()
    {
        auto* session = add_group("session", "Sessions: list, revoke");
        add_who(*add(*session, "list", CommandName::session_list, "List the sessions of a user"));
        auto* revoke = add(*session, "revoke", CommandName::session_revoke,
                           "End one session, or all of a user");
        auto* id = revoke->add_option("id", arguments_.session, "The id of a session");
        auto* all_of =
            revoke->add_option("--user", arguments_.who, "End all sessions of this user");
        all_of->excludes(id);

        auto* keys = add_group("keys", "Keys that sign tokens: list, rotate, import");
        add(*keys, "list", CommandName::keys_list, "List the keys");
        add(*keys, "rotate", CommandName::keys_rotate,
            "Sign with the next key from now on; old tokens stay good");
        auto* imported = add(*keys, "import", CommandName::keys_import,
                             "Take over a signing key that others made, or another keys file");
        imported->add_option("file", arguments_.file, "A private key as PEM or JWK, or a keys.json")
            ->required();
        imported->add_option("--as", arguments_.import_as, "What it becomes")
            ->check(CLI::IsMember({"next", "active"}))
            ->capture_default_str();
    }

    void add_api_keys()
    {
        auto* group = add_group("apikey", "API keys, for machines: create, list, revoke");
        auto* create = add(*group, "create", CommandName::apikey_create,
                           "Make a key that speaks for a user, and show it this once");
        create->add_option("--user", arguments_.who, "A username, an e-mail address or an id")
            ->required();
        create->add_option("--scope", arguments_.scopes, "What it may be used for; repeat for more")
            ->expected(1)
            ->take_all();
        create->add_option("--name", arguments_.key_name, "To tell it from others");
        create->add_option("--expires", arguments_.key_expires, "How long it is good, such as 90d")
            ->capture_default_str();

        add(*group, "list", CommandName::apikey_list, "List the keys, never what they are made of")
            ->add_option("--user", arguments_.who, "Only those of this user");

        add(*group, "revoke", CommandName::apikey_revoke,
            "Refuse a key for good, in every gateway within a second")
            ->add_option("key", arguments_.api_key, "Its id, or the key itself")
            ->required();
    }

    void add_store()
    {
        auto* store =
            add_group("store", "Where accounts and sessions are kept: status, migrate ...");
        add(*store, "status", CommandName::store_status,
            "Show what is in it, and who holds a lease; changes nothing");
        add(*store, "migrate", CommandName::store_migrate,
            "Make its tables or bring them up to date, as the first gateway to start would");
        add(*store, "fence", CommandName::store_fence,
            "After restoring a backup: end every session, so that no spent token lives again");
        auto* copy = add(*store, "copy", CommandName::store_copy,
                         "Copy everything into an empty store, while no gateway runs");
        copy->add_option("--from", arguments_.from, "sqlite:PATH or a postgres:// URL")->required();
        copy->add_option("--to", arguments_.to, "The same of the new store")->required();
    }

    void add_audit()
    {
        constexpr std::size_t most = 1'000'000;
        auto* audit = add(app_, "audit", CommandName::audit,
                          "Show who logged in, was refused, was blocked ...; the newest last");
        audit->add_option("--user", arguments_.who, "Only this user: a name, an address or an id");
        audit->add_option("--event", arguments_.event, "Only events of this kind, such as login");
        audit->add_option("--since", arguments_.since, "Not before: 24h, or a date or time in UTC");
        audit->add_option("--until", arguments_.until, "Only before this");
        audit->add_option("--limit", arguments_.limit, "At most so many, the newest")
            ->check(CLI::Range(std::size_t{1}, most))
            ->capture_default_str();
        audit->add_flag("--json", arguments_.json, "One JSON object per line");
    }

    void add_who(CLI::App& command)
    {
        command.add_option("who", arguments_.who, "A username, an e-mail address or an id")
            ->required();
    }

    void add_password(CLI::App& command)
    {
        command.add_flag("--password-stdin", arguments_.password_stdin,
                         "Read the password from standard input instead of asking");
    }

    Arguments arguments_;
    CLI::App app_;
    CLI::Option* config_ = nullptr;
};

} // namespace

std::variant<Arguments, Finished> parse_arguments(int count, const char* const* words)
{
    CommandLine line;
    return line.parse(count, words);
}

} // namespace gatehouse::gateway
