#include "gateway/command/check.hpp"

#include "auth/basics/clock.hpp"
#include "auth/store/open_stores.hpp"
#include "auth/tokens/open_keys.hpp"
#include "config/forms/address.hpp"
#include "config/forms/mail_forms.hpp"
#include "config/templates/text_template.hpp"
#include "gateway/command/cache_review.hpp"
#include "gateway/command/check_admin.hpp"
#include "gateway/command/check_store.hpp"
#include "gateway/command/check_tls.hpp"
#include "gateway/command/check_upstreams.hpp"
#include "gateway/command/policy_report.hpp"
#include "gateway/command/route_review.hpp"
#include "gateway/command/tcp_dial.hpp"
#include "gateway/command/words.hpp"
#include "gateway/headers/networks.hpp"
#include "gateway/issuers/issuer_files.hpp"
#include "gateway/upstream/health_check.hpp"
#include "gateway/upstream/upstream_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iterator>
#include <set>

namespace gatehouse::gateway {
namespace {

bool report(std::string_view what, const std::string& problem, Console& console)
{
    console.out << fmt::format("{:6}  {}{}{}\n", problem.empty() ? "ok" : "FAILED", what,
                               problem.empty() ? "" : ": ", problem);
    return problem.empty();
}

/// A store that does not exist yet is made by the first start, not by a look at it.
std::string try_store(const config::Settings& settings)
{
    const auto& store = settings.store;
    if (config::is_postgres(store)) {
        return auth::problem_with_postgres(store, settings.postgres).value_or("");
    }
    constexpr std::string_view sqlite = "sqlite:";
    if (!store.starts_with(sqlite)) return {};
    const std::filesystem::path file{store.substr(sqlite.size())};
    std::error_code ignored;
    if (std::filesystem::exists(file, ignored)) {
        const auto opened = auth::open_store(store, auth::StoreRole::command);
        return opened ? std::string{} : opened.error();
    }
    const auto folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path{"."};
    if (std::filesystem::is_directory(folder, ignored)) return {};
    return fmt::format("the folder {} does not exist", folder.string());
}

std::string try_server(const config::SmtpAddress& server, std::chrono::milliseconds deadline)
{
    const auto socket = dial(server.host, server.port, deadline);
    return socket ? std::string{} : socket.error().message;
}

/// Asks every endpoint as its health checks will.
bool try_health(const config::Settings& settings, Console& console)
{
    bool all = true;
    UpstreamTlsBook book;
    for (const auto& [name, upstream] : settings.upstreams) {
        if (!upstream.health.is_on()) continue;
        for (auto& endpoint : resolve_target(settings, name, book).endpoints) {
            look_up(endpoint);
            const auto result = check_health_now(endpoint, upstream.health);
            const auto what = fmt::format("health of {} at {}", name, endpoint.authority);
            all = report(what, result.good ? std::string{} : result.reason, console) && all;
        }
    }
    return all;
}

/// Where a route stands in the file, as far as that is known.
std::string place_of_route(const config::Settings& settings, std::size_t route,
                           const std::string& file)
{
    const auto key = fmt::format("routes[{}].match", route);
    if (settings.shown) {
        const auto found = std::ranges::find(*settings.shown, key, &config::ShownSetting::key);
        if (found != settings.shown->end()) return found->origin;
    }
    return file;
}

/// What routes let through that may not be meant.
void tell_of_policy(const Arguments& arguments, const config::Settings& settings, Console& console)
{
    auto findings = policy_findings(settings);
    std::ranges::move(cache_findings(settings), std::back_inserter(findings));
    for (const auto& found : findings) {
        const auto place = place_of_route(settings, found.route, arguments.config_file);
        if (!found.warning) {
            console.out << fmt::format("{}: routes[{}]: {}\n", place, found.route, found.what);
            continue;
        }
        config::Diagnostic warning;
        warning.severity = config::Severity::warning;
        warning.source = place;
        warning.key = fmt::format("routes[{}]", found.route);
        warning.message = found.what;
        warning.hint = found.hint;
        console.err << to_string(warning);
    }
    if (arguments.routes) console.out << route_table(settings);
}

/// Whether somebody is there where redirects lead to.
bool try_redirects(const config::Settings& settings, Console& console)
{
    bool all = true;
    std::set<std::string> known;
    for (const auto& route : settings.routes) {
        if (!route.redirect) continue;
        const auto target = config::parse_redirect(route.redirect->to);
        if (!target || target->origin.parts.size() != 1) continue; // here, or where Host leads
        const auto& url = target->origin.parts.front().text;
        const auto place = config::parse_endpoint(url);
        if (!place || !known.insert(url).second) continue;
        const auto socket = dial(place->host, place->port, settings.deadlines.connect);
        all = report("redirects to " + url, socket ? std::string{} : socket.error().message,
                     console) &&
              all;
    }
    return all;
}

bool is_error(const config::Diagnostic& found)
{
    return found.severity == config::Severity::error;
}

/// Only where somebody could expect something else: a proxy in front of these addresses.
std::string how_clients_are_known(const config::Settings& settings)
{
    if (!settings.trusted_proxies.empty()) {
        const bool by_rfc = settings.client_address == config::ClientAddress::forwarded;
        return fmt::format("clients are known by {} from trusted_proxies, and by the address they "
                           "connect from otherwise\n",
                           by_rfc ? "Forwarded" : "X-Forwarded-For");
    }
    const bool behind_something =
        std::ranges::any_of(settings.listen, [](const config::ListenSettings& listen) {
            const auto address = config::parse_listen_address(listen.address);
            return address && (is_private_address(address->host) || address->host == "0.0.0.0" ||
                               address->host == "::" || address->host == "localhost");
        });
    if (!behind_something) return {};
    return "clients are known by the address they connect from: trusted_proxies is empty, and "
           "X-Forwarded-* and Forwarded of any peer are replaced\n";
}

} // namespace

int run_check(const Arguments& arguments, const config::Settings& settings, Console& console)
{
    auto files = look_at_admin(settings);
    std::ranges::move(look_at_store_file(settings), std::back_inserter(files));
    const auto of_upstreams = look_at_upstream_files(settings, std::chrono::system_clock::now());
    files.insert(files.end(), of_upstreams.begin(), of_upstreams.end());
    std::ranges::move(look_at_issuer_files(settings), std::back_inserter(files));
    auto tls = look_at_tls(settings, auth::SystemClock().seconds().time_since_epoch().count());
    std::ranges::move(tls.problems, std::back_inserter(files));
    for (auto& found : files) found.source = arguments.config_file;
    console.err << to_string(files);
    if (std::ranges::any_of(files, is_error)) return exit_usage;
    const auto routes = settings.routes.size();
    console.out << fmt::format("{}: good, {} route{}\n", arguments.config_file, routes,
                               routes == 1 ? "" : "s");
    if (settings.routes.empty()) {
        console.out << "no routes: no request is forwarded, and every path but those that are "
                       "answered here is 404\n";
    }
    console.out << how_clients_are_known(settings);
    for (const auto& line : tls.lines) console.out << line << '\n';
    tell_of_policy(arguments, settings, console);
    for (const auto& line : issuer_lines(settings)) console.out << printable(line) << '\n';
    if (!settings.mail.is_on()) {
        console.out << "mail.smtp is not set: calls that send or need mails answer 501\n";
    }
    if (!arguments.connect) return exit_ok;
    bool all = report(settings.store, try_store(settings), console);
    if (!settings.sessions.store.empty()) {
        const auto problem = auth::problem_with_sessions(settings);
        all = report(settings.sessions.store, problem.value_or(""), console) && all;
    }
    const auto keys = auth::problem_with_keys(settings);
    all = report("signing keys", keys.value_or(""), console) && all;
    if (const auto server = config::parse_smtp_address(settings.mail.smtp)) {
        all =
            report(settings.mail.smtp, try_server(*server, settings.deadlines.connect), console) &&
            all;
    }
    for (const auto& [what, problem] : try_issuers(settings)) {
        all = report(what, problem, console) && all;
    }
    for (const auto& [url, endpoint] : endpoints_of(settings)) {
        all = report(url, try_endpoint(endpoint, settings.deadlines.connect), console) && all;
    }
    all = try_redirects(settings, console) && all;
    all = try_health(settings, console) && all;
    return all ? exit_ok : exit_failed;
}

} // namespace gatehouse::gateway
