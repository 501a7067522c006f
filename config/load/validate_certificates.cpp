// Certificates that clients show: who asks for them, and who can have one.
#include "config/basics/enforced.hpp"
#include "config/load/validate.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gatehouse::config {
namespace {

/// Nothing of a token can be asked for where there may be none.
const char* asked_of_a_token(const RouteSettings& route)
{
    if (!route.roles.empty()) return "roles";
    if (!route.scopes.empty()) return "scopes";
    if (!route.claims.empty()) return "claims";
    return route.require.empty() ? nullptr : "require";
}

} // namespace

bool asks_for_certificates(const Settings& settings)
{
    return std::ranges::any_of(settings.listen, [](const ListenSettings& listen) {
        return listen.tls && listen.tls->client_certificates;
    });
}

void validate_certificates(const Settings& settings, const Node& root, Report& report)
{
    const bool some = asks_for_certificates(settings);
    for (std::size_t i = 0; i < settings.routes.size(); ++i) {
        const auto& route = settings.routes[i];
        const auto key = fmt::format("routes[{}].auth", i);
        const auto blame = [&](const std::string& place, Problem problem) {
            if (!report.blames(key))
                report.error(nearest_node(root, place), place, std::move(problem));
        };
        if (enforced("config.certificate_possible") && route.certificate && !some) {
            blame(key + ".certificate",
                  {"nobody can show a certificate here",
                   "give a listener `tls: {client_certificates: {ca: FILE}}`"});
        }
        if (route.auth == AuthMode::required) continue;
        // Only where it is a map that says so; judged again without the file there is none.
        if (nearest_node(root, key).kind != Node::Kind::map) continue;
        if (nearest_node(root, key + ".token").kind != Node::Kind::scalar) continue;
        const auto* asked = asked_of_a_token(route);
        if (enforced("config.rules_need_a_token") && asked != nullptr) {
            blame(key + ".token",
                  {fmt::format("{} are asked of a token, and none is needed", asked),
                   "remove one of the two"});
        } else if (!route.certificate) {
            blame(key + ".token", {"nothing is asked for in its place",
                                   fmt::format("write `auth: {}`", word_for(route.auth))});
        }
    }
}

} // namespace gatehouse::config
