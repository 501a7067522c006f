#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace gatehouse::gateway {

enum class CommandName {
    run,
    demo,
    init,
    config_schema,
    completion,
    manual,
    check,
    explain,
    health,
    status,
    config_show,
    reload,
    quit,
    log_level,
    cache_purge,
    user_add,
    user_list,
    user_block,
    user_unblock,
    user_remove_second_factor,
    user_set_password,
    user_set_roles,
    user_invite,
    user_import,
    user_delete,
    session_list,
    session_revoke,
    apikey_create,
    apikey_list,
    apikey_revoke,
    keys_list,
    keys_rotate,
    keys_import,
    store_status,
    store_migrate,
    store_fence,
    store_copy,
    audit,
    version
};

/// What was asked for, as typed. A member belongs to the commands named beside it.
struct Arguments {
    CommandName command{};
    std::string config_file = "gatehouse.yaml";
    bool config_given = false; // --config was written
    std::string env_file;
    std::string log_format;                  // run, demo: json, dev, or empty
    std::string listen;                      // run --upstream, demo, init
    bool take_over = false;                  // run
    std::string upstream;                    // run, init
    std::string store;                       // init
    std::string registration;                // init: open, invite, closed, or empty
    std::string issuer;                      // init
    bool force = false;                      // init
    std::string shell;                       // completion: bash, zsh, fish
    std::string page = "gatehouse";          // manual: gatehouse, gatehouse.yaml
    bool no_guide = false;                   // demo
    bool connect = false;                    // check
    bool routes = false;                     // check
    std::string request;                     // explain: 'GET /path'
    std::string token;                       // explain
    std::string host = "localhost";          // explain
    std::string peer = "127.0.0.1";          // explain
    std::vector<std::string> fields;         // explain: 'Name: value'
    std::string level;                       // log-level; empty: show it
    std::optional<std::string> purged_route; // cache purge
    std::optional<std::string> purged_path;  // cache purge
    std::optional<std::string> purged_host;  // cache purge
    bool ready = false;                      // health
    bool live = false;                       // explain, config show
    std::string certificate;                 // explain, init: a PEM file
    std::string certificate_key;             // init: of its key
    std::string redirect;                    // init: address:port that leads to HTTPS
    std::string who;                // user, session, apikey, audit: a username, an email or an id
    std::string email;              // user add
    std::vector<std::string> roles; // user add, user set-roles
    bool password_stdin = false;    // user add, user set-password
    std::string expires = "7d";     // user invite
    std::string session;            // session revoke
    std::string api_key;            // apikey revoke: its id, or the key itself
    std::string key_name;           // apikey create
    std::string key_expires = "never"; // apikey create
    std::vector<std::string> scopes;   // apikey create
    std::string file;                  // keys import, user import
    std::string username_member;       // user import
    bool dry_run = false;              // user import
    std::string import_as = "next";    // keys import: next, active
    std::string from;                  // store copy, init: a compose file
    std::string to;                    // store copy
    std::string event;                 // audit
    std::string since;                 // audit
    std::string until;                 // audit
    std::size_t limit = 100;           // audit
    bool json = false;                 // audit, status, config show
};

/// Parsing ended the program: --help, or a mistake.
struct Finished {
    int exit_code = 0;
    std::string out;
    std::string err;
};

[[nodiscard]] std::variant<Arguments, Finished> parse_arguments(int count,
                                                                const char* const* words);

} // namespace gatehouse::gateway
