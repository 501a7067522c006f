#include "gateway/command/init/compose.hpp"

#include "config/diagnostics/report.hpp"
#include "config/yaml/read.hpp"
#include "gateway/command/init/compose_service.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

namespace gatehouse::gateway {
namespace {

/// What people call the service that browsers come to first, the clearest first.
constexpr auto front_names = std::to_array<std::string_view>(
    {"frontend", "front", "web", "www", "app", "client", "ui", "site", "nginx", "proxy"});

ComposeProblem problem_at(config::Report& report, const config::Node& node, const std::string& key,
                          config::Problem problem)
{
    report.error(node, key, std::move(problem));
    return ComposeProblem{config::to_string(report.errors())};
}

/// The words of `my-web_app`.
bool has_word(const std::string& name, std::string_view wanted)
{
    std::size_t start = 0;
    while (start <= name.size()) {
        const auto end = std::min(name.find_first_of("-_.", start), name.size());
        if (std::string_view(name).substr(start, end - start) == wanted) return true;
        start = end + 1;
    }
    return false;
}

/// The place of the service that gets every path which no other one has.
std::size_t front_of(const std::vector<ComposeService>& services)
{
    for (const auto name : front_names) {
        const auto found = std::ranges::find_if(
            services, [&](const auto& service) { return has_word(service.name, name); });
        if (found != services.end()) return static_cast<std::size_t>(found - services.begin());
    }
    const auto published = std::ranges::find_if(services, &ComposeService::published);
    return published == services.end() ? 0 : static_cast<std::size_t>(published - services.begin());
}

/// `/name`, but never where the auth API is, and never twice.
std::string prefix_for(const std::string& name, std::set<std::string>& taken)
{
    auto prefix = "/" + name;
    while (!taken.insert(prefix).second) prefix += "-service";
    return prefix;
}

std::vector<PlannedRoute> routes_to(const std::vector<ComposeService>& services)
{
    std::vector<PlannedRoute> routes;
    const auto front = front_of(services);
    std::set<std::string> taken{"/auth", "/.well-known"};
    for (std::size_t i = 0; i < services.size(); ++i) {
        const auto* const scheme = services[i].tls ? "https" : "http";
        const auto to = fmt::format("{}://{}:{}", scheme, services[i].name, *services[i].port);
        if (i == front) {
            routes.push_back({"/**", to, ""});
        } else {
            const auto prefix = prefix_for(services[i].name, taken);
            routes.push_back({prefix + "/**", to, prefix});
        }
    }
    return routes;
}

std::string told(const std::vector<SkippedService>& skipped)
{
    std::string text;
    for (const auto& service : skipped) {
        text += fmt::format("  {}: {}\n", service.name, service.reason);
    }
    return text;
}

} // namespace

Result<ComposeReading, ComposeProblem> read_compose(std::string_view text, const std::string& name)
{
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3); // a byte order mark
    config::Report report{name, text};
    const auto root = config::read_yaml(report, config::YamlDialect::compose);
    if (report.error_count() > 0) return ComposeProblem{config::to_string(report.errors())};
    const auto* const services = root.find("services");
    if (services == nullptr || services->kind != config::Node::Kind::map) {
        return problem_at(report, services == nullptr ? root : *services, "services",
                          {"there are no services here", "name a compose file with --from"});
    }
    ComposeReading reading;
    std::vector<ComposeService> chosen;
    for (const auto& entry : services->entries) {
        auto judged = judge_service(entry.key, entry.value);
        if (judged.port) {
            chosen.push_back(std::move(judged));
        } else {
            reading.skipped.push_back({std::move(judged.name), std::move(judged.reason)});
        }
    }
    if (chosen.empty()) {
        auto why = problem_at(report, *services, "services",
                              {"no service here looks as if it spoke HTTP",
                               "name one yourself: gatehouse init --upstream http://NAME:PORT"});
        why.message += told(reading.skipped);
        return why;
    }
    reading.routes = routes_to(chosen);
    return reading;
}

} // namespace gatehouse::gateway
