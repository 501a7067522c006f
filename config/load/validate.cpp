#include "config/load/validate.hpp"

#include "config/basics/enforced.hpp"
#include "config/forms/address.hpp"
#include "config/forms/redis_address.hpp"
#include "config/load/secrets.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gatehouse::config {
namespace {

void error(const Node& root, const std::string& key, Problem problem, Report& report)
{
    report.error(nearest_node(root, key), key, std::move(problem));
}

/// Of a value that may hold a password, which its line would show.
void error_unshown(const Node& root, const std::string& key, Problem problem, Report& report)
{
    report.error_unshown(nearest_node(root, key), key, std::move(problem));
}

void warning(const Node& root, const std::string& key, Problem problem, Report& report)
{
    // About what is not in the file at all: no line of it would explain anything.
    const auto& node = nearest_node(root, key);
    if (&node == &root) return report.warning(key, std::move(problem));
    report.warning(node, key, std::move(problem));
}

bool only_loopback(const Settings& settings)
{
    return std::ranges::all_of(settings.listen, [](const ListenSettings& listen) {
        const auto address = parse_listen_address(listen.address);
        return address && is_loopback(address->host);
    });
}

std::vector<const Secret*> all_of(const Secret& current, const std::vector<Secret>& previous)
{
    std::vector<const Secret*> secrets{&current};
    for (const auto& secret : previous) secrets.push_back(&secret);
    return secrets;
}

/// What is wrong with the secrets of one purpose.
std::optional<Problem> secret_problem(const char* name, const Secret& current,
                                      const std::vector<Secret>& previous)
{
    if (enforced("config.secret_present") && current.empty()) {
        return Problem{fmt::format("HS256 needs {} in the environment", name),
                       "make one with `openssl rand -base64 48`, or use algorithm: ES256, which "
                       "needs none"};
    }
    const auto is_short = [](const Secret* secret) { return secret->size() < secret_least_bytes; };
    if (enforced("config.secret_length") &&
        std::ranges::any_of(all_of(current, previous), is_short)) {
        return Problem{fmt::format("{} or one of its previous values has less than {} bytes", name,
                                   secret_least_bytes),
                       "make one with `openssl rand -base64 48`"};
    }
    return {};
}

bool share_a_secret(const TokenSettings& tokens)
{
    for (const auto* access : all_of(tokens.access_secret, tokens.access_secrets_previous)) {
        for (const auto* refresh : all_of(tokens.refresh_secret, tokens.refresh_secrets_previous)) {
            if (!access->empty() && access->reveal() == refresh->reveal()) return true;
        }
    }
    return false;
}

/// What would sign everybody out when this secret is replaced one day, or does so now.
std::optional<Problem> list_problem(const std::string& name, const Secret& current,
                                    const std::vector<Secret>& previous)
{
    if (current.reveal().find(',') != std::string_view::npos) {
        return Problem{name + " has a comma, which separates the values of " + name + "_PREVIOUS",
                       "once it is replaced it cannot stand there, and everybody has to log in "
                       "again; make another one with `openssl rand -base64 48`"};
    }
    const auto has_blank_end = [](const Secret& secret) {
        const auto text = secret.reveal();
        return !text.empty() && (text.front() == ' ' || text.back() == ' ');
    };
    if (std::ranges::any_of(previous, has_blank_end)) {
        return Problem{fmt::format("a value of {}_PREVIOUS begins or ends with a blank, which is "
                                   "a part of that secret",
                                   name),
                       "write the values with a comma between them and nothing else"};
    }
    return {};
}

// R35: neither kind of token may open the other's door, so the keys must differ too.
void validate_secrets(const TokenSettings& tokens, const Node& root, Report& report)
{
    const std::string key = "tokens.algorithm";
    for (auto problem : {secret_problem("ACCESS_TOKEN_SECRET", tokens.access_secret,
                                        tokens.access_secrets_previous),
                         secret_problem("REFRESH_TOKEN_SECRET", tokens.refresh_secret,
                                        tokens.refresh_secrets_previous)}) {
        if (problem) error(root, key, std::move(*problem), report);
    }
    if (enforced("config.secrets_differ") && share_a_secret(tokens)) {
        error(root, key,
              {"ACCESS_TOKEN_SECRET and REFRESH_TOKEN_SECRET share a value",
               "make a second one with `openssl rand -base64 48`"},
              report);
    }
    for (auto problem :
         {list_problem("ACCESS_TOKEN_SECRET", tokens.access_secret, tokens.access_secrets_previous),
          list_problem("REFRESH_TOKEN_SECRET", tokens.refresh_secret,
                       tokens.refresh_secrets_previous)}) {
        if (problem) warning(root, key, std::move(*problem), report);
    }
}

} // namespace

void validate_store(const Settings& settings, const Node& root, Report& report)
{
    for (const auto& [key, url] : {
             std::pair{"store",             &settings.store            },
             std::pair{"postgres.feed_url", &settings.postgres.feed_url}
    }) {
        if (!enforced("config.no_password_in_store") || !has_password(*url)) continue;
        error_unshown(root, key,
                      {"has a password in it",
                       "write it into a file and name that as postgres.password_file, or set "
                       "PGPASSWORD"},
                      report);
    }
}

void validate_sessions(const Settings& settings, const Node& root, Report& report)
{
    const auto& url = settings.sessions.store;
    const auto& redis = settings.redis;
    if (url.empty() || report.blames("sessions.store")) return;
    if (const auto address = parse_redis_address(url); !address) {
        error_unshown(root, "sessions.store",
                      {address.error(),
                       "write redis://user@host:6379/0; a password goes into a file named as "
                       "redis.password_file, or REDIS_PASSWORD"},
                      report);
        return;
    }
    if (settings.store == "memory") {
        error(root, "sessions.store",
              {"sessions cannot outlive accounts that are in memory",
               "write store: sqlite:gatehouse.db, or remove this line"},
              report);
    }
    const bool files = !redis.ca_file.empty() || !redis.certificate.empty();
    if (files && !url.starts_with("rediss:")) {
        error(root, redis.ca_file.empty() ? "redis.certificate" : "redis.ca_file",
              {"is for TLS, and sessions.store has none", "begin sessions.store with rediss://"},
              report);
    }
    if (redis.certificate.empty() != redis.key.empty()) {
        error(root, redis.key.empty() ? "redis.certificate" : "redis.key",
              {"a certificate and its key belong together",
               "name both, as redis.certificate and redis.key"},
              report);
    }
}

void validate_tokens(const Settings& settings, const Node& root, Report& report)
{
    const auto& tokens = settings.tokens;
    if (tokens.issuer == TokenSettings{}.issuer && !only_loopback(settings)) {
        warning(root, "tokens.issuer",
                {"tokens say `iss: gatehouse`, as those of any other Gatehouse do",
                 "set tokens.issuer to the URL that clients use, for example "
                 "https://api.example.com"},
                report);
    }
    if (tokens.algorithm == Algorithm::hs256) {
        validate_secrets(tokens, root, report);
    } else if (!tokens.access_secret.empty() || !tokens.refresh_secret.empty()) {
        warning(root, "tokens.algorithm",
                {fmt::format("ACCESS_TOKEN_SECRET and REFRESH_TOKEN_SECRET are set, but {} does "
                             "not use them",
                             word_for(tokens.algorithm)),
                 "write `algorithm: HS256`, or unset them"},
                report);
    }
}

void validate_lifetimes(const Settings& settings, const Node& root, Report& report)
{
    const auto& tokens = settings.tokens;
    const auto& sessions = settings.sessions;
    if (sessions.idle_ttl == std::chrono::seconds(0)) return;
    if (sessions.idle_ttl < tokens.access_ttl) {
        error(root, "sessions.idle_ttl",
              {"is shorter than tokens.access_ttl: a session is over before its first refresh",
               fmt::format("tokens.access_ttl is {}", format_duration(tokens.access_ttl))},
              report);
    } else if (sessions.idle_ttl >= std::min(tokens.refresh_ttl, sessions.absolute_ttl)) {
        warning(root, "sessions.idle_ttl",
                {"ends no session: tokens.refresh_ttl or sessions.absolute_ttl is over first",
                 fmt::format("they are {} and {}", format_duration(tokens.refresh_ttl),
                             format_duration(sessions.absolute_ttl))},
                report);
    }
}

void validate_ranges(const Settings& settings, const Node& root, Report& report)
{
    const auto& passwords = settings.passwords;
    if (passwords.min_length > passwords.max_length) {
        error(root, "passwords.min_length",
              {"no password is long enough and short enough",
               fmt::format("passwords.max_length is {}", passwords.max_length)},
              report);
    }
    if (passwords.argon2_memory_bytes > passwords.memory_bytes) {
        error(root, "passwords.argon2_memory",
              {"one hash alone needs more than passwords.memory allows",
               fmt::format("passwords.memory is {}", format_size(passwords.memory_bytes))},
              report);
    }
    if (settings.limits.target_bytes > settings.limits.head_bytes) {
        error(root, "limits.target",
              {"is more than limits.head, which holds the target too",
               fmt::format("limits.head is {}", format_size(settings.limits.head_bytes))},
              report);
    }
}

void validate_throttle(const Settings& settings, const Node& root, Report& report)
{
    const auto& throttle = settings.throttle;
    if (throttle.pair_first_wait > throttle.pair_longest_wait) {
        error(root, "throttle.pair_first_wait",
              {"is longer than throttle.pair_longest_wait", "the first wait is the shortest"},
              report);
    }
    if (throttle.device_cookie && settings.auth.cookie_name == device_cookie_name) {
        error(root, "auth.cookie_name",
              {"is the name of the cookie by which browsers are known",
               "choose another one, or write throttle: {device_cookie: false}"},
              report);
    }
    const bool shared = is_postgres(settings.store) || !settings.sessions.store.empty();
    if (throttle.kept == ThrottleKept::memory && shared) {
        warning(root, "throttle.kept",
                {"every gateway counts by itself: who asks several guesses more often",
                 "write `kept: store`, or let one gateway alone use this store"},
                report);
    }
}

void validate_cors(const CorsSettings& cors, const std::string& key, const Node& root,
                   Report& report)
{
    const bool star = std::ranges::find(cors.origins, "*") != cors.origins.end();
    if (!star) return;
    // Any page could then read what a user's cookies open; browsers refuse it as well.
    if (enforced("config.cors_star_with_credentials") && cors.credentials) {
        error(root, key + ".credentials",
              {"credentials cannot be allowed for the origin *", "list the origins you trust"},
              report);
    }
    if (cors.origins.size() > 1) {
        error(root, key + ".origins",
              {"\"*\" already stands for every origin", "write [\"*\"] or list origins, not both"},
              report);
    }
}

void validate(const Settings& settings, const Node& root, Report& report)
{
    validate_listeners(settings, root, report);
    validate_tls(settings, root, report);
    validate_certificates(settings, root, report);
    validate_store(settings, root, report);
    validate_sessions(settings, root, report);
    validate_lifetimes(settings, root, report);
    validate_tokens(settings, root, report);
    validate_keys(settings, root, report);
    validate_ranges(settings, root, report);
    validate_throttle(settings, root, report);
    validate_passkeys(settings, root, report);
    if (settings.auth.cors) validate_cors(*settings.auth.cors, "auth.cors", root, report);
    validate_contract(settings, root, report);
    validate_identity(settings, root, report);
    validate_portal(settings, root, report);
    validate_mail(settings, root, report);
    validate_balance(settings, root, report);
    validate_upstream_tls(settings, root, report);
    validate_routes(settings, root, report);
    validate_issuers(settings, root, report);
    validate_treatment(settings, root, report);
    validate_upstreams(settings, root, report);
    validate_rates(settings, root, report);
}

} // namespace gatehouse::config
