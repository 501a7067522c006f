#include "config/basics/enforced.hpp"
#include "config/claims/token_claims.hpp"
#include "config/diagnostics/nearest.hpp"
#include "config/forms/address.hpp"
#include "config/load/validate.hpp"
#include "config/routes/pattern.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gatehouse::config {
namespace {

/// A route with its patterns parsed, and where it stands in the list.
struct Ranked {
    std::size_t index = 0;
    HostPattern host;
    PathPattern path;
    const RouteSettings* route = nullptr;
};

class RouteJudge {
public:
    RouteJudge(const Settings& settings, const Node& root, Report& report)
        : settings_(settings),
          root_(root),
          report_(report)
    {
        for (const auto& [name, upstream] : settings.upstreams) names_.push_back(name);
    }

    void judge_all()
    {
        for (std::size_t i = 0; i < settings_.routes.size(); ++i) judge(i);
        find_ambiguous();
        find_unused_upstreams();
        warn_if_anyone_may_come_in();
    }

private:
    void judge(std::size_t index)
    {
        const auto& route = settings_.routes[index];
        const auto key = fmt::format("routes[{}]", index);
        judge_target(route, key);
        judge_host(route, key);
        judge_session_cookie(route, key);
        judge_login(route, key + ".max_auth_age");
        judge_scopes(route, key + ".auth.scopes");
        judge_claims(route, key + ".auth.claims");
        judge_required(route, key + ".auth.require");
        judge_cache(route, key + ".cache.max_body");
        if (route.cors) validate_cors(*route.cors, key + ".cors", root_, report_);
        auto path = parse_path_pattern(route.match);
        auto host = parse_host_pattern(route.host);
        if (!path || !host) return; // blamed when it was read
        judge_place(*path, key);
        judge_parameters(route.match, key + ".match");
        judge_strip_prefix(route, *path, key);
        ranked_.push_back({index, *std::move(host), *std::move(path), &route});
    }

    void judge_target(const RouteSettings& route, const std::string& key)
    {
        if (route.redirect || route.to.empty() || !forms::endpoint.check(route.to)) return;
        if (settings_.upstreams.contains(route.to)) return;
        const auto hint = names_.empty() ? "add it below `upstreams:`, or write a URL such as "
                                           "http://127.0.0.1:3000"
                                         : nearest_hint(route.to, names_);
        error(key + ".to", {fmt::format("{} is no upstream", shown(key + ".to", route.to)), hint});
    }

    void judge_cache(const RouteSettings& route, const std::string& key)
    {
        if (!route.cache || route.cache->max_body_bytes <= settings_.cache.memory_bytes) return;
        error(key, {"is more than all answers may take together",
                    "write less, or more for cache.memory"});
    }

    void judge_host(const RouteSettings& route, const std::string& key)
    {
        if (route.host != word_for(HostHeader::client)) return;
        const Problem problem{
            fmt::format("only requests for the host {} match", quoted(route.host)),
            fmt::format("to choose the Host that the upstream sees, write "
                        "host_header: {}",
                        route.host)};
        report_.warning(nearest_node(root_, key + ".host"), key + ".host", problem);
    }

    void judge_session_cookie(const RouteSettings& route, const std::string& key)
    {
        if (!route.session_cookie || route.auth != AuthMode::none) return;
        error(key + ".session_cookie", {"no token is looked at on a route with `auth: none`",
                                        "write `auth: optional`, or remove this line"});
    }

    void judge_login(const RouteSettings& route, const std::string& key)
    {
        if (!route.max_auth_age || route.auth != AuthMode::none) return;
        error(key, {"this route looks at no token", "write `auth: required`, or remove the line"});
    }

    /// A scope that no role brings is a slip of the pen where other scopes come with roles.
    void judge_scopes(const RouteSettings& route, const std::string& key)
    {
        std::vector<std::string_view> known;
        for (const auto& [role, scopes] : settings_.tokens.role_scopes) {
            known.insert(known.end(), scopes.begin(), scopes.end());
        }
        if (known.empty() || report_.blames("tokens.role_scopes")) return;
        if (route.believed != own_issuer) return; // others have scopes of their own
        for (std::size_t i = 0; i < route.scopes.size(); ++i) {
            const auto& scope = route.scopes[i];
            if (std::ranges::find(known, scope) != known.end()) continue;
            const auto place = fmt::format("{}[{}]", key, i);
            const Problem problem{fmt::format("no role brings {}", shown(place, scope)),
                                  nearest_hint(scope, known)};
            report_.warning(nearest_node(root_, place), place, problem);
        }
    }

    void judge_claims(const RouteSettings& route, const std::string& key)
    {
        for (const auto& claim : route.claims) {
            const bool known = find_claim(settings_, claim.path).has_value() ||
                               is_told_by_others(settings_, claim.path);
            if (known || report_.blames(key) || report_.blames("auth.contract.claims")) continue;
            report_.warning(
                nearest_node(root_, key), key,
                {fmt::format("no access token has {}: nobody may pass", quoted(claim.path)),
                 "draw it in auth.contract.claims, or name another claim"});
        }
    }

    /// What nobody can show here locks everybody out.
    void judge_required(const RouteSettings& route, const std::string& key)
    {
        if (!enforced("config.require_possible") || report_.blames(key)) return;
        const auto asks = [&](std::string_view proof) {
            return std::ranges::find(route.require, proof) != route.require.end();
        };
        if (asks(proof_passkey) && !settings_.passkeys.is_on()) {
            error(key, {"nobody can have a passkey here: passkeys.rp_id is missing",
                        "set passkeys.rp_id, or remove passkey"});
        }
        if (asks(proof_totp) && !has_totp(settings_)) {
            error(key, {"nobody can set up an authenticator app here: second_factor.totp is off, "
                        "or there is nothing to seal its secrets under",
                        "set SEALING_SECRET or second_factor.sealing_file, or remove totp"});
        }
    }

    // R26: what a client posts to the auth API never reaches an upstream.
    void judge_place(const PathPattern& path, const std::string& key)
    {
        const auto prefix = parse_path_pattern(settings_.auth.prefix);
        if (enforced("config.route_under_prefix") && prefix && is_under(path, *prefix)) {
            error(key + ".match",
                  {fmt::format("everything below {} is answered by Gatehouse itself",
                               settings_.auth.prefix),
                   "choose another path, or another auth.prefix"});
        }
        const bool outer =
            std::ranges::any_of(settings_.auth.contract.outer_paths,
                                [&](const auto& own) { return path == *parse_path_pattern(own); });
        if (outer || path == *parse_path_pattern("/.well-known/jwks.json")) {
            error(key + ".match",
                  {"this path is answered by Gatehouse itself", "remove the route"});
        }
    }

    /// Other routers have names for what may stand in a segment; here they are letters.
    void judge_parameters(std::string_view match, const std::string& key)
    {
        while (!match.empty()) {
            const auto end = std::min(match.find('/'), match.size());
            const auto segment = match.substr(0, end);
            match.remove_prefix(std::min(end + 1, match.size()));
            const bool is_named = (segment.starts_with('{') && segment.ends_with('}')) ||
                                  (segment.starts_with('<') && segment.ends_with('>')) ||
                                  (segment.starts_with(':') && segment.size() > 1);
            if (!is_named) continue;
            report_.warning(nearest_node(root_, key), key,
                            {fmt::format("only a path that says {} matches", quoted(segment)),
                             "write * for any one segment, ** at the end for all that follow"});
            return;
        }
    }

    void judge_strip_prefix(const RouteSettings& route, const PathPattern& path,
                            const std::string& key)
    {
        if (route.strip_prefix.empty()) return;
        const auto prefix = parse_path_pattern(route.strip_prefix);
        if (prefix && is_under(path, *prefix)) return;
        error(key + ".strip_prefix",
              {fmt::format("{} does not begin with {}", shown(key + ".match", route.match),
                           shown(key + ".strip_prefix", route.strip_prefix)),
               "strip what every path of this route begins with"});
    }

    /// Two routes that one request could choose with equal rank. Sorted, they are neighbours.
    void find_ambiguous()
    {
        std::ranges::sort(ranked_, [](const Ranked& left, const Ranked& right) {
            const auto host = rank(left.host, right.host);
            const auto path = rank(left.path, right.path);
            return host != 0 ? host < 0 : path != 0 ? path < 0 : left.index < right.index;
        });
        for (std::size_t first = 0; first < ranked_.size();) {
            auto end = first + 1;
            while (end < ranked_.size() && same_place(ranked_[first], ranked_[end])) ++end;
            for (auto later = first + 1; later < end; ++later) find_clash(first, later);
            first = end;
        }
    }

    static bool same_place(const Ranked& left, const Ranked& right)
    {
        return left.host == right.host && left.path == right.path;
    }

    void find_clash(std::size_t first, std::size_t later)
    {
        const auto& route = ranked_[later];
        for (auto i = first; i < later; ++i) {
            const auto& earlier = ranked_[i];
            const bool clash = methods_clash(earlier.route->methods, route.route->methods);
            if (!enforced("config.ambiguous_routes") || !clash) continue;
            error(fmt::format("routes[{}].match", route.index),
                  {fmt::format("ambiguous: {}", describe_earlier(earlier)),
                   "remove one of them, or give them different methods, hosts or paths"});
            return;
        }
    }

    [[nodiscard]] std::string describe_earlier(const Ranked& earlier) const
    {
        const auto key = fmt::format("routes[{}].match", earlier.index);
        const auto place = report_.text().place_of(nearest_node(root_, key).offset);
        return fmt::format("routes[{}] on line {} has the same host, path and method",
                           earlier.index, place.line);
    }

    void find_unused_upstreams()
    {
        for (const auto name : names_) {
            const bool used = std::ranges::any_of(
                settings_.routes, [&](const RouteSettings& route) { return route.to == name; });
            const auto key = fmt::format("upstreams.{}", name);
            if (used || report_.blames(key)) continue;
            report_.warning(nearest_node(root_, key), key,
                            {"no route leads here", "name it in a route's `to`"});
        }
    }

    void warn_if_anyone_may_come_in()
    {
        const auto open = std::ranges::find_if(settings_.routes, [](const RouteSettings& route) {
            const bool for_ours = (route.believed & own_issuer) != 0;
            return for_ours && route.auth == AuthMode::required && route.roles.empty() &&
                   route.scopes.empty() && route.claims.empty() && !route.certificate;
        });
        if (settings_.registration != Registration::open || open == settings_.routes.end()) return;
        const auto key = fmt::format("routes[{}]", open - settings_.routes.begin());
        report_.warning(nearest_node(root_, key), key,
                        {"anyone may register, and a registered user is all this route asks for",
                         "write `registration: invite` or `closed`, or ask for roles here"});
    }

    [[nodiscard]] std::string shown(const std::string& key, const std::string& value) const
    {
        return quoted(nearest_node(root_, key), value);
    }

    void error(const std::string& key, Problem problem)
    {
        report_.error(nearest_node(root_, key), key, std::move(problem));
    }

    const Settings& settings_;
    const Node& root_;
    Report& report_;
    std::vector<std::string_view> names_;
    std::vector<Ranked> ranked_;
};

} // namespace

void validate_routes(const Settings& settings, const Node& root, Report& report)
{
    RouteJudge{settings, root, report}.judge_all();
}

} // namespace gatehouse::config
