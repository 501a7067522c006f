#include "config/load/load.hpp"

#include "config/environment/read_file.hpp"
#include "config/environment/substitute.hpp"
#include "config/forms/call_place.hpp"
#include "config/load/binder.hpp"
#include "config/load/secrets.hpp"
#include "config/load/shown.hpp"
#include "config/load/validate.hpp"
#include "config/yaml/node.hpp"
#include "config/yaml/read.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>

namespace gatehouse::config {
namespace {

std::string in_folder(const std::string& folder, const std::string& path)
{
    return (std::filesystem::path{folder} / path).lexically_normal().string();
}

void resolve_paths(Settings& settings, const std::string& folder)
{
    constexpr std::string_view sqlite = "sqlite:";
    if (settings.store.starts_with(sqlite)) {
        settings.store = std::string{sqlite} + in_folder(folder, settings.store.substr(7));
    }
    for (auto* path : {&settings.tokens.keys_file, &settings.tokens.keys_directory,
                       &settings.admin_api.token_file, &settings.admin_api.socket,
                       &settings.log.file, &settings.redis.ca_file, &settings.redis.certificate,
                       &settings.redis.key, &settings.tracing.ca_file, &settings.mail.ca_file}) {
        if (!path->empty()) *path = in_folder(folder, *path);
    }
}

/// Where calls of the auth API are besides below its prefix.
std::vector<std::string> outer_paths_of(const AuthApiSettings& auth)
{
    std::vector<std::string> paths;
    const auto& contract = auth.contract;
    for (const auto* at :
         {&contract.registration.at, &contract.login.at, &contract.refresh.at, &contract.logout.at,
          &contract.me.at, &contract.passkey_register_options.at, &contract.passkey_register.at,
          &contract.passkey_login_options.at, &contract.passkey_login.at}) {
        for (const auto& text : *at) {
            const auto place = parse_call_place(text);
            if (!place || is_in_cookie_path(place->path, auth.prefix)) continue;
            if (std::ranges::find(paths, place->path) == paths.end())
                paths.emplace_back(place->path);
        }
    }
    return paths;
}

/// `host: upstream` is how the contract says `host_header: upstream` (docs/DESIGN.md, 4), and no
/// host that routes are for is called so.
void take_host_words(std::vector<RouteSettings>& routes, const Node& root, Report& report)
{
    for (std::size_t index = 0; index < routes.size(); ++index) {
        auto& route = routes[index];
        if (route.host != word_for(HostHeader::upstream)) continue;
        route.host.clear();
        route.host_header = HostHeader::upstream;
        const auto key = fmt::format("routes[{}].host", index);
        report.warning(nearest_node(root, key), key,
                       {"is taken for the Host that the upstream sees: this route is for all hosts",
                        "write host_header: upstream"});
    }
}

/// The one way to settings, with and without a file: replace, override, bind, judge.
Loaded settle(Node root, Report& report, const std::string& folder, const Environment& environment,
              std::span<const Override> overrides)
{
    Loaded loaded;
    if (root.kind == Node::Kind::map) {
        substitute(root, environment, folder, report);
        for (const auto& o : overrides) put(root, o.key, o.value, o.option);
        bind(root, loaded.settings, report);
        auto& auth = loaded.settings.auth;
        auth.contract.outer_paths = outer_paths_of(auth);
        auth.session_cookies =
            std::ranges::any_of(loaded.settings.routes, &RouteSettings::session_cookie);
        auth.own_pages = loaded.settings.portal.on;
        take_secrets(environment, loaded.settings.tokens);
        take_sealing_secret(loaded.settings.tokens, environment, folder, root, report);
        take_second_factor_secret(loaded.settings.second_factor, folder, root, report);
        take_postgres_password(loaded.settings, environment, folder, root, report);
        take_redis_password(loaded.settings, environment, folder, root, report);
        take_mail_password(loaded.settings, environment, folder, root, report);
        take_tracing_headers(loaded.settings.tracing, environment, folder, root, report);
        take_portal_css(loaded.settings.portal, folder, root, report);
        take_upstream_files(loaded.settings, environment, folder, root, report);
        take_certificates(loaded.settings, folder, root, report);
        take_issuer_files(loaded.settings, folder, root, report);
        take_host_words(loaded.settings.routes, root, report);
        for (auto& route : loaded.settings.routes) {
            route.believed = believed_by(loaded.settings, route.issuers);
        }
        validate(loaded.settings, root, report);
        resolve_paths(loaded.settings, folder);
        take_admin_token(loaded.settings, environment, folder, report);
        loaded.settings.shown = std::make_shared<const std::vector<ShownSetting>>(
            shown_settings(loaded.settings, root, report));
    }
    loaded.source = report.source();
    loaded.errors = report.errors();
    loaded.warnings = report.warnings();
    loaded.files = report.files();
    return loaded;
}

} // namespace

Loaded load_text(std::string_view text, const std::string& name, const Environment& environment,
                 std::span<const Override> overrides)
{
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3); // a byte order mark
    Report report{name, text};
    const auto folder = std::filesystem::path{name}.parent_path().string();
    return settle(read_yaml(report), report, folder, environment, overrides);
}

Loaded load_file(const std::string& path, const Environment& environment,
                 std::span<const Override> overrides)
{
    const auto text = read_file(path, yaml_bytes_limit);
    if (text) {
        auto loaded = load_text(*text, path, environment, overrides);
        loaded.files.push_back(path);
        return loaded;
    }
    Loaded loaded;
    loaded.source = path;
    loaded.files.push_back(path);
    Report report{path, ""};
    report.error("", {text.error().message, "name a file with --config; `gatehouse run --upstream "
                                            "http://127.0.0.1:3000` needs none"});
    loaded.errors = report.errors();
    return loaded;
}

Loaded load_without_file(const Environment& environment, std::span<const Override> overrides)
{
    Report report{"gatehouse", ""};
    Node root;
    root.kind = Node::Kind::map;
    return settle(std::move(root), report, "", environment, overrides);
}

std::vector<Diagnostic> problems_of(const Settings& settings, const std::string& source)
{
    Report report{source, ""};
    Node root;
    root.kind = Node::Kind::map;
    validate(settings, root, report);
    return report.errors();
}

} // namespace gatehouse::config
