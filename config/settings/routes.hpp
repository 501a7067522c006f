#pragma once

#include "config/settings/cache.hpp"
#include "config/settings/certificates.hpp"
#include "config/settings/compression.hpp"
#include "config/settings/contract.hpp"
#include "config/settings/rates.hpp"
#include "config/settings/terms.hpp"
#include "config/settings/treatment.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::config {

/// CORS for a route or the auth API. YAML: `cors`.
struct CorsSettings {
    std::vector<std::string> origins; // exact origins, or "*" (never with credentials)
    bool credentials = false;
    std::vector<std::string> methods; // empty: those of the route, or the common ones
    std::vector<std::string> headers; // request headers a page may send; empty: what it asks for
    std::vector<std::string> exposed_headers;
    std::chrono::seconds max_age = 600s;

    template <class Table>
    static void describe(Table& table)
    {
        using Self = CorsSettings;
        table.required("origins", &Self::origins, forms::origin_or_star,
                       "Origins whose pages may call; `*` is all of them, without credentials.");
        table.key("credentials", &Self::credentials, AsTyped{},
                  "Whether pages may send cookies and Authorization by themselves.");
        table.key("methods", &Self::methods, forms::method,
                  "Methods pages may use. Without: those of the route, else the common ones.");
        table.key("headers", &Self::headers, forms::header_name,
                  "Request headers pages may send. Without: those they ask for.");
        table.key("exposed_headers", &Self::exposed_headers, forms::header_name,
                  "Response headers pages may read.");
        table.key("max_age", &Self::max_age, between(0s, 24h),
                  "How long browsers remember the answer to a preflight.");
    }
};

enum class AuthMode { required, optional, none };

constexpr auto words(AuthMode)
{
    using enum AuthMode;
    return std::array{
        Word{"required", required},
        Word{"optional", optional},
        Word{"none",     none    }
    };
}

enum class HostHeader { client, upstream };

constexpr auto words(HostHeader)
{
    using enum HostHeader;
    return std::array{
        Word{"client",   client  },
        Word{"upstream", upstream}
    };
}

enum class OnStale { allow, deny };

constexpr auto words(OnStale)
{
    using enum OnStale;
    return std::array{
        Word{"allow", allow},
        Word{"deny",  deny }
    };
}

/// What the end of a token does to an answer under way.
enum class OnExpiry { close, keep };

constexpr auto words(OnExpiry)
{
    using enum OnExpiry;
    return std::array{
        Word{"close", close},
        Word{"keep",  keep }
    };
}

/// What a browser gets that wants a page and shows no token.
enum class LoginAnswer { refuse, redirect };

constexpr auto words(LoginAnswer)
{
    using enum LoginAnswer;
    return std::array{
        Word{"refuse",   refuse  },
        Word{"redirect", redirect}
    };
}

/// One claim that a route asks for: it says one of these values. YAML: a line of `auth: {claims:
/// }`.
struct ClaimRule {
    std::string path;
    std::vector<std::string> any_of;

    friend bool operator==(const ClaimRule&, const ClaimRule&) = default;
};

/// YAML: `routes[]`.
struct RouteSettings {
    std::string name;                 // in metrics; empty: what it matches
    std::string match;                // path pattern: literals, `*` one segment, `**` the rest
    std::string host;                 // "", "api.example.com" or "*.example.com"
    std::vector<std::string> methods; // empty: any
    AuthMode auth = AuthMode::required;
    // Of `auth: {..}`, and all of it has to be so:
    std::vector<std::string> roles;                   // the user has one of them
    std::vector<std::string> scopes;                  // the token has each of them
    std::vector<ClaimRule> claims;                    // each of them is as it says
    std::vector<std::string> require;                 // the session shows each of them
    std::optional<CertificateRule> certificate;       // the connection has such a one
    std::optional<std::chrono::seconds> max_auth_age; // the login is no older
    std::vector<std::string> issuers{"own"};          // whose tokens are believed
    std::uint64_t believed = 1; // the same as a set; not in YAML: found when it is read
    std::string to;             // an upstream's name or a URL
    std::optional<RedirectSettings> redirect; // in the place of `to`
    std::string strip_prefix;
    std::string rewrite; // a template of the path
    std::optional<HeaderChanges> request_headers;
    std::optional<HeaderChanges> response_headers;
    std::optional<SecurityHeaders> security_headers; // else those of the settings
    bool report_only = false;
    HostHeader host_header = HostHeader::client;
    bool api_keys = true;
    bool allow_path_params = false;
    bool forward_authorization = false;
    bool forward_cookies = false;
    bool session_cookie = false;
    bool websocket = true;
    LoginAnswer login = LoginAnswer::refuse;
    std::optional<std::chrono::milliseconds> timeout; // response head, instead of deadlines
    std::optional<std::uint64_t> max_body_bytes;
    std::vector<RateSettings> rate; // all of them have to hold,
    std::vector<std::string> rates; // and these, by name
    std::optional<std::uint32_t> in_flight;
    std::optional<RouteCacheSettings> cache;
    std::optional<RouteCompressionSettings> compression;
    std::optional<CorsSettings> cors;
    OnStale on_stale = OnStale::allow;
    OnExpiry on_expiry = OnExpiry::close;
    std::optional<BadTokenStatus> bad_access_token; // else that of the contract

    template <class Table>
    static void describe(Table& table)
    {
        using Self = RouteSettings;
        table.required("match", &Self::match, forms::path_pattern,
                       "Which paths: literal segments, `*` for one segment, `**` at the end for "
                       "the rest. The most specific route wins.");
        table.key("name", &Self::name, forms::route_name,
                  "What metrics call this route; routes of one name are counted together. Without: "
                  "what it matches.");
        table.key("host", &Self::host, forms::host_pattern,
                  "Which hosts, without port; `*` stands for one label. Without: all.");
        table.key("methods", &Self::methods, forms::method,
                  "Which methods; GET covers HEAD. Without: all.");
        table.auth_rule("auth", &Self::auth,
                        "Who may pass. `required`: a valid token. `optional`: no token is fine, a "
                        "bad one is not. `none`: the token is not looked at. A map: a valid token, "
                        "unless its `token` says otherwise, and all that the map asks for.");
        table.key("issuers", &Self::issuers, forms::route_issuer,
                  "Whose tokens are believed: those of this gateway (`own`), of others by their "
                  "name in `issuers`, or of both. API keys and cookies are `own`.");
        table.key("max_auth_age", &Self::max_auth_age, between(1s, 730 * 24h),
                  "How long ago the login behind a token may be; 401 asks for another login.");
        table.key(
            "api_keys", &Self::api_keys, AsTyped{},
            "Whether an API key is as good as a token here. `false`: 403 for those that are.");
        table.key("report_only", &Self::report_only, AsTyped{},
                  "Whether who may not pass passes all the same: it is counted and logged what "
                  "would have been refused.");
        table.key("to", &Self::to, forms::target,
                  "Where requests go: the name of an upstream, or a URL. A route has this or "
                  "`redirect`.");
        table.section("redirect", &Self::redirect,
                      "Sends whoever may pass elsewhere, and asks no upstream.");
        table.key("strip_prefix", &Self::strip_prefix, forms::path_prefix,
                  "Taken off the path before it is forwarded; `match` must begin with it.");
        table.key("rewrite", &Self::rewrite, forms::path_template,
                  "The path that is forwarded, made of `{path}`, what each `*` of `match` stood "
                  "for (`{1}`, `{2}` ..) and what `**` did (`{rest}`). The query stays.");
        table.section("request_headers", &Self::request_headers,
                      "What is changed of the headers that the upstream gets.");
        table.section("response_headers", &Self::response_headers,
                      "What is changed of the headers of its answers.");
        table.key("security_headers", &Self::security_headers, AsTyped{},
                  "Instead of `security_headers` at the top.");
        table.key("host_header", &Self::host_header, AsTyped{},
                  "The Host the upstream sees: the client's, or its own.");
        table.key("allow_path_params", &Self::allow_path_params, AsTyped{},
                  "Accept `;` in paths, which is 400 otherwise.");
        table.key("forward_authorization", &Self::forward_authorization, AsTyped{},
                  "Let the Authorization header pass to the upstream.");
        table.key("forward_cookies", &Self::forward_cookies, AsTyped{},
                  "Let the cookies with our tokens pass to the upstream, the refresh token too.");
        table.key("session_cookie", &Self::session_cookie, AsTyped{},
                  "Take the access token from a cookie as well, and renew it with the cookie of "
                  "the refresh token when it has expired. Requests that may change something pass "
                  "from own pages alone.");
        table.key("websocket", &Self::websocket, AsTyped{},
                  "Whether a WebSocket handshake is passed on as one, and a connection made of it. "
                  "`false`: it is a plain GET to the upstream.");
        table.key("login", &Self::login, AsTyped{},
                  "What a browser gets that wants a page and is not signed in: the refusal that "
                  "every other client gets, or the way to the sign-in page of `portal`, which "
                  "leads back here.");
        table.key("timeout", &Self::timeout, between(1ms, 24h),
                  "Instead of `deadlines.response_head`.");
        table.key("max_body", &Self::max_body_bytes, bytes_or_zero(1, 1024 * 1024 * MiB),
                  "Instead of `limits.max_body`; 0: no limit.");
        table.list("rate", &Self::rate,
                   "How many requests may come to this route; each of them has to hold.");
        table.key("rates", &Self::rates, forms::rate_name,
                  "The same by name: of `rates` at the top, where routes that name one are counted "
                  "together.");
        table.key("in_flight", &Self::in_flight, count(1, 1'000'000),
                  "Requests of this route that are under way at once, in this process; 503 above "
                  "it. Without: no limit.");
        table.section("cache", &Self::cache,
                      "Keep answers that may be kept, and answer with them; who may pass is asked "
                      "each time.");
        table.section("compression", &Self::compression,
                      "Compress answers for clients that say they take it. Not for pages that hold "
                      "a secret beside what a request says (BREACH).");
        table.section("cors", &Self::cors, "Pages of other origins that may call this route.");
        table.key("on_stale", &Self::on_stale, AsTyped{},
                  "What happens when news of ended sessions stopped to arrive.");
        table.key("on_expiry", &Self::on_expiry, AsTyped{},
                  "What the expiry of its token does to an answer that is still under way: it is "
                  "cut off, or goes on. The end of its session cuts it off in either case.");
        table.key("bad_access_token", &Self::bad_access_token, AsTyped{},
                  "Instead of `auth.contract.bad_access_token`.");
    }

    /// The map that may stand behind `auth`.
    template <class Table>
    static void describe_auth(Table& table)
    {
        using Self = RouteSettings;
        table.any_of("roles", &Self::roles, forms::role, "The user has one of these roles.");
        table.any_of("scopes", &Self::scopes, forms::scope, "The token has all of these scopes.");
        table.any_of("claims", &Self::claims, forms::claim_path,
                     "The token says so: a claim, by its path (`org.plan`), and the value or list "
                     "of values one of which it must have.");
        table.any_of("require", &Self::require, forms::proof,
                     "The session has shown all of these: a passkey (`passkey`), a one-time code "
                     "(`totp`). 401 asks for what is missing; an API key shows neither.");
        table.section("certificate", &Self::certificate,
                      "The client has shown a certificate on this very connection, at a listener "
                      "with `client_certificates`, and it is as the map says; 403 without. An "
                      "empty map: any that the listener takes.");
        table.key("token", &Self::auth, AsTyped{},
                  "What `auth` alone would say of a token, where a certificate is asked for: "
                  "`none` or `optional` let it stand in for one.");
    }
};

} // namespace gatehouse::config
