#include "config/basics/enforced.hpp"
#include "config/diagnostics/nearest.hpp"
#include "config/forms/address.hpp"
#include "config/load/secrets.hpp"
#include "config/load/validate.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gatehouse::config {
namespace {

/// `http://` to somewhere else: whoever sits between gives us keys of his own.
bool is_open_to_all(const std::string& url)
{
    constexpr std::string_view plain = "http://";
    if (!url.starts_with(plain)) return false;
    const auto authority = url.substr(0, url.find('/', plain.size()));
    const auto place = parse_endpoint(authority);
    return place && !is_loopback(place->host);
}

/// Whether both know one secret.
bool shares(const Secret& secret, const Secret& other)
{
    return !secret.empty() && secret.reveal() == other.reveal();
}

bool shares(const Secret& secret, const TokenSettings& tokens)
{
    const auto is_it = [&](const Secret& other) { return shares(secret, other); };
    return is_it(tokens.access_secret) || is_it(tokens.refresh_secret) ||
           is_it(tokens.sealing_secret) ||
           std::ranges::any_of(tokens.access_secrets_previous, is_it) ||
           std::ranges::any_of(tokens.refresh_secrets_previous, is_it);
}

class IssuerJudge {
public:
    IssuerJudge(const Settings& settings, const Node& root, Report& report)
        : settings_(settings),
          root_(root),
          report_(report)
    {
        for (const auto& [name, issuer] : settings.issuers) names_.push_back(name);
    }

    void judge_all()
    {
        for (const auto& [name, issuer] : settings_.issuers) {
            const auto key = fmt::format("issuers.{}", name);
            if (!report_.blames(key)) judge(name, issuer, key);
        }
        if (names_.size() > most_issuers) {
            error("issuers", {fmt::format("has more than {} issuers", most_issuers),
                              "keep those that some route names"});
        }
        for (std::size_t i = 0; i < settings_.routes.size(); ++i) {
            judge_route(settings_.routes[i], fmt::format("routes[{}]", i));
        }
    }

private:
    void judge(const std::string& name, const IssuerSettings& issuer, const std::string& key)
    {
        judge_name(name, issuer, key + ".issuer");
        judge_keys(issuer, key);
        judge_secret(name, issuer, key);
        judge_audience(issuer, key);
        judge_roles(issuer, key);
        for (const auto& [list, what] : {
                 std::pair{&issuer.algorithms, ".algorithms"},
                 std::pair{&issuer.typ,        ".typ"       }
        }) {
            if (list->empty()) error(key + what, {"is empty", "nothing would ever fit"});
        }
        const bool used = std::ranges::any_of(settings_.routes, [&](const RouteSettings& route) {
            return std::ranges::find(route.issuers, name) != route.issuers.end();
        });
        if (!used) warning(key, {"no route believes it", "name it in a route's `issuers`"});
    }

    /// By `iss` a token is given to one of them, and by nothing else.
    void judge_name(const std::string& name, const IssuerSettings& issuer, const std::string& key)
    {
        if (enforced("config.issuer_is_another") && issuer.issuer == settings_.tokens.issuer) {
            error(key, {"is tokens.issuer, which is this gateway itself",
                        "give one of the two another name; tokens.issuer may be the URL that "
                        "clients use"});
        }
        const bool twice = std::ranges::any_of(settings_.issuers, [&](const auto& other) {
            return other.first < name && other.second.issuer == issuer.issuer;
        });
        if (enforced("config.issuers_differ") && twice) {
            error(key, {"is that of another one in `issuers`", "put both into one"});
        }
    }

    void judge_keys(const IssuerSettings& issuer, const std::string& key)
    {
        const auto& jwks = issuer.jwks;
        const auto places = static_cast<int>(!jwks.url.empty()) +
                            static_cast<int>(!jwks.file.empty()) +
                            static_cast<int>(!issuer.secret_file.empty());
        if (places > 1) {
            error(key, {"has several places for its keys",
                        "keep one of jwks.url, jwks.file and secret_file"});
            return;
        }
        const auto& url = jwks.url.empty() ? issuer.issuer : jwks.url;
        if (!issuer.is_fetched()) return;
        if (jwks.url.empty() && !is_collector_url(url)) {
            error(key, {"has no place for its keys",
                        "write jwks.url, jwks.file or secret_file; an issuer that is a URL is "
                        "asked for it"});
        } else if (is_open_to_all(url)) {
            warning(key + (jwks.url.empty() ? ".issuer" : ".jwks.url"),
                    {"WHOEVER SITS BETWEEN CAN GIVE US KEYS, and be anybody",
                     "write https://, or jwks.file"});
        }
    }

    void judge_secret(const std::string& name, const IssuerSettings& issuer,
                      const std::string& parent)
    {
        if (issuer.secret_file.empty()) return;
        judge_algorithms_of_secret(parent + ".algorithms");
        const auto key = parent + ".secret_file";
        if (enforced("config.issuer_secret_length") && issuer.secret.size() < secret_least_bytes) {
            error(key, {fmt::format("holds less than {} bytes", secret_least_bytes),
                        "make one with `openssl rand -base64 48`, for both sides"});
        }
        const bool shared = std::ranges::any_of(settings_.issuers, [&](const auto& other) {
            return other.first < name && shares(issuer.secret, other.second.secret);
        });
        if (enforced("config.issuer_secret_differs") &&
            (shared || shares(issuer.secret, settings_.tokens))) {
            error(key, {"holds a secret that is used for other tokens too: whoever knows it could "
                        "make those",
                        "make one for each issuer with `openssl rand -base64 48`"});
        }
    }

    void judge_algorithms_of_secret(const std::string& key)
    {
        if (nearest_node(root_, key).kind == Node::Kind::map) return; // the issuer: no such line
        error(key, {"is not for a secret, which signs with HS256 and nothing else",
                    "remove this line, or secret_file"});
    }

    void judge_audience(const IssuerSettings& issuer, const std::string& key)
    {
        if (enforced("config.issuer_audience") && issuer.audience.empty() && !issuer.any_audience) {
            error(key + ".audience",
                  {"is missing: tokens that it made for others would open this gateway",
                   "write what stands in `aud` for this service, or any_audience: true"});
        }
        if (!issuer.any_audience) return;
        if (!issuer.audience.empty()) {
            error(key + ".any_audience", {"leaves `audience` without meaning", "remove one"});
            return;
        }
        warning(key + ".any_audience",
                {"TOKENS FOR ANY OTHER SERVICE ARE TAKEN HERE: each of those services can use "
                 "what its users send",
                 "write audience instead"});
    }

    void judge_roles(const IssuerSettings& issuer, const std::string& key)
    {
        if (!issuer.roles.empty() && issuer.roles_from.empty()) {
            error(key + ".roles", {"has nothing to go by", "name the claim in roles_from"});
        }
        if (enforced("config.issuer_roles_by_claim") && issuer.roles.contains("*")) {
            error(key + ".roles", {"`*` is no role", "name the role that the values bring"});
        }
    }

    void judge_route(const RouteSettings& route, const std::string& key)
    {
        const auto place = key + ".issuers";
        if (report_.blames(place)) return;
        if (route.issuers.empty()) {
            error(place, {"is empty: nobody's token would be believed",
                          "write own and names of `issuers`"});
            return;
        }
        for (const auto& name : route.issuers) {
            if (name == own_issuer_name || settings_.issuers.contains(name)) continue;
            error(place, {fmt::format("{} is no issuer", quoted(nearest_node(root_, place), name)),
                          names_.empty() ? "add it below `issuers:`" : nearest_hint(name, names_)});
        }
        const bool only_own = route.issuers.size() == 1 && route.issuers[0] == own_issuer_name;
        if (only_own) return;
        if (route.auth == AuthMode::none) {
            error(place, {"no token is looked at on a route with `auth: none`",
                          "write `auth: optional`, or remove this line"});
        }
        judge_own_ways(route, key);
        judge_asked(route, key);
    }

    /// What only a session of ours can do.
    void judge_own_ways(const RouteSettings& route, const std::string& key)
    {
        if (std::ranges::find(route.issuers, own_issuer_name) != route.issuers.end()) return;
        const std::pair<bool, const char*> ways[] = {
            {route.session_cookie,                 ".session_cookie"},
            {route.login == LoginAnswer::redirect, ".login"         },
            {!route.require.empty(),               ".auth.require"  },
        };
        for (const auto& [asked, what] : ways) {
            if (!asked) continue;
            error(key + what, {"needs a session of this gateway, which this route does not believe",
                               "add own to its issuers, or remove this line"});
        }
    }

    /// What its users can never show.
    void judge_asked(const RouteSettings& route, const std::string& key)
    {
        for (const auto& name : route.issuers) {
            const auto found = settings_.issuers.find(name);
            if (found == settings_.issuers.end()) continue;
            const auto& issuer = found->second;
            const auto tell = [&](const char* what, std::string_view missing) {
                warning(key + what, {fmt::format("nobody whom {} sends may pass", name),
                                     fmt::format("set issuers.{}.{}", name, missing)});
            };
            if (!route.roles.empty() && issuer.roles_from.empty())
                tell(".auth.roles", "roles_from");
            if (!route.scopes.empty() && issuer.scopes_from.empty()) {
                tell(".auth.scopes", "scopes_from");
            }
            const bool untold = std::ranges::any_of(route.claims, [&](const ClaimRule& rule) {
                return std::ranges::find(issuer.told_claims, rule.path) == issuer.told_claims.end();
            });
            if (untold) tell(".auth.claims", "told_claims");
        }
    }

    void error(const std::string& key, Problem problem)
    {
        report_.error(nearest_node(root_, key), key, std::move(problem));
    }

    void warning(const std::string& key, Problem problem)
    {
        report_.warning(nearest_node(root_, key), key, std::move(problem));
    }

    const Settings& settings_;
    const Node& root_;
    Report& report_;
    std::vector<std::string_view> names_;
};

} // namespace

void validate_issuers(const Settings& settings, const Node& root, Report& report)
{
    IssuerJudge{settings, root, report}.judge_all();
}

} // namespace gatehouse::config
