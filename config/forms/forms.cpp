#include "config/forms/forms.hpp"

#include "config/diagnostics/nearest.hpp"
#include "config/forms/address.hpp"
#include "config/forms/checked.hpp"
#include "config/forms/redis_address.hpp"
#include "config/routes/pattern.hpp"
#include "config/settings/log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace gatehouse::config {
namespace {

/// RFC 9110, 5.6.2.
bool is_token(std::string_view text)
{
    constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::ranges::all_of(text, [&](char c) {
        return is_alphanumeric(c) || marks.find(c) != marks.npos;
    });
}

std::string lower(std::string_view text)
{
    std::string out{text};
    for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    return out;
}

Checked check_word(std::string_view text)
{
    if (!text.empty()) return {};
    return Problem{"is empty", "write a value, or remove the line"};
}

Checked check_listen_address(std::string_view text)
{
    if (parse_listen_address(text)) return {};
    return wrong(text, "is not an address to listen on",
                 "write an IP address and a port, for example 127.0.0.1:8080 or [::]:8080");
}

Checked check_admin_address(std::string_view text)
{
    if (text == "off" || parse_listen_address(text)) return {};
    return wrong(text, "is not an address to listen on",
                 "write an IP address and a port, for example 127.0.0.1:9901, or off");
}

Checked check_postgres_url(std::string_view text)
{
    if (is_postgres(text)) return {};
    const auto kind = text.substr(0, text.find(':')); // the rest may have a password in it
    return wrong(kind, "is not how a PostgreSQL store begins",
                 "write postgres://user@host/database");
}

Checked check_store(std::string_view text)
{
    if (text == "memory" || (text.starts_with("sqlite:") && text.size() > 7)) return {};
    if (text.starts_with("postgres")) return check_postgres_url(text);
    if (text.starts_with("redis")) {
        return wrong(text.substr(0, text.find(':')), "keeps sessions, and no accounts",
                     "write it as sessions.store, and here sqlite:PATH or "
                     "postgres://user@host/database");
    }
    return wrong(text, "is not a store",
                 "write sqlite:PATH, for example sqlite:gatehouse.db, "
                 "or postgres://user@host/database, or memory (forgets everything at exit)");
}

Checked check_redis_url(std::string_view text)
{
    if (may_hold_password(text)) return {}; // validate_store judges it and shows no line
    const auto address = parse_redis_address(text);
    if (address) return {};
    return wrong(text, address.error(), "write redis://host:6379/0, or rediss:// for TLS");
}

Checked check_network(std::string_view text)
{
    if (parse_network(text)) return {};
    const auto address = text.substr(0, text.find('/'));
    if (parse_network(address)) {
        return wrong(text, "is not a network: the length is wrong, or bits behind it are set",
                     "write the network's first address and its length, for example 10.0.0.0/8");
    }
    return wrong(text, "is not a network",
                 "write an address, or an address and a length, for "
                 "example 10.0.0.0/8");
}

bool is_literal_path(std::string_view text)
{
    const auto pattern = parse_path_pattern(text);
    return pattern && text.size() > 1 && !text.ends_with('/') &&
           std::ranges::all_of(pattern->segments, [](const PatternSegment& segment) {
               return segment.kind == SegmentKind::literal;
           });
}

Checked check_path_prefix(std::string_view text)
{
    if (is_literal_path(text)) return {};
    return wrong(text, "is not a path prefix",
                 "write a path without wildcards and without a slash at its end, for example /api");
}

Checked check_api_prefix(std::string_view text)
{
    // Its bytes go into the Path attribute of cookies, so only the plainest are taken.
    const auto plain = [](char c) {
        return is_alphanumeric(c) || c == '/' || c == '-' || c == '_' || c == '.' || c == '~';
    };
    if (is_literal_path(text) && std::ranges::all_of(text, plain)) return {};
    return wrong(text, "is not a prefix for the auth API",
                 "write a path of letters, digits, -, _, . and ~, for example /auth");
}

Checked check_path_pattern(std::string_view text)
{
    const auto pattern = parse_path_pattern(text);
    if (pattern) return {};
    return Problem{pattern.error().message, pattern.error().hint};
}

Checked check_host_pattern(std::string_view text)
{
    if (text.empty()) return check_word(text);
    const auto pattern = parse_host_pattern(text);
    if (pattern) return {};
    return Problem{pattern.error().message, pattern.error().hint};
}

Checked check_method(std::string_view text)
{
    const bool upper = std::ranges::none_of(text, [](char c) { return c >= 'a' && c <= 'z'; });
    if (text == "CONNECT" || text == "TRACE") {
        return wrong(text, "is refused on every route", "remove it");
    }
    if (is_token(text) && upper) return {};
    return wrong(text, "is not a method", "methods are words in capitals, for example GET");
}

Checked check_header_name(std::string_view text)
{
    if (is_token(text)) return {};
    return wrong(text, "is not a header name",
                 "write letters, digits and -, for example X-User-Id");
}

Checked check_identity_header(std::string_view text)
{
    if (auto problem = check_header_name(text)) return problem;
    constexpr auto taken = std::to_array<std::string_view>({"authorization",
                                                            "baggage",
                                                            "connection",
                                                            "content-encoding",
                                                            "content-length",
                                                            "content-type",
                                                            "cookie",
                                                            "date",
                                                            "expect",
                                                            "forwarded",
                                                            "host",
                                                            "http2-settings",
                                                            "keep-alive",
                                                            "proxy-authorization",
                                                            "proxy-connection",
                                                            "set-cookie",
                                                            "te",
                                                            "trailer",
                                                            "transfer-encoding",
                                                            "upgrade",
                                                            "via",
                                                            "x-forwarded-for",
                                                            "x-forwarded-host",
                                                            "x-forwarded-proto",
                                                            "x-request-id",
                                                            "traceparent",
                                                            "tracestate",
                                                            "x-real-ip",
                                                            "x-session-id",
                                                            "x-user-roles",
                                                            "origin",
                                                            "accept",
                                                            "user-agent",
                                                            "referer"});
    // In every spelling that a backend may fold.
    std::string folded = lower(text);
    std::ranges::replace_if(folded, [](char c) { return !is_alphanumeric(c); }, '-');
    const bool is_taken = std::ranges::find(taken, folded) != taken.end() ||
                          folded.starts_with("x-forwarded-") ||
                          folded.starts_with("sec-websocket-");
    if (!is_taken) return {};
    return wrong(text, "already means something else",
                 "choose a name of its own, for example X-User-Id");
}

Checked check_cookie_name(std::string_view text)
{
    if (is_token(text)) return {};
    return wrong(text, "is not a cookie name", "write letters, digits, - and _");
}

Checked check_origin(std::string_view text)
{
    const bool https = text.starts_with("https://");
    const auto hint = "write scheme, host and port as browsers send it, for example "
                      "https://app.example.com";
    if (!https && !text.starts_with("http://")) return wrong(text, "is not an origin", hint);
    const auto authority = text.substr(https ? 8 : 7);
    const bool is_lower = lower(authority) == authority;
    // An origin's grammar is that of an endpoint; browsers leave the default port away.
    const bool default_port = authority.ends_with(https ? ":443" : ":80");
    if (is_lower && !default_port && parse_endpoint("http://" + std::string{authority})) return {};
    return wrong(text, "is not an origin", hint);
}

Checked check_domain(std::string_view text)
{
    if (domain_problem(text).empty()) return {};
    return wrong(text, domain_problem(text),
                 "write the domain of your pages, for example example.com");
}

Checked check_origin_or_star(std::string_view text)
{
    if (text == "*") return {};
    return check_origin(text);
}

Checked check_unix_endpoint(std::string_view path)
{
    constexpr auto hint = "write unix: and a path from the root, for example unix:/run/app.sock";
    if (!path.starts_with('/')) return wrong(path, "is not a path from the root", hint);
    if (path.size() > longest_socket_path) {
        return wrong(path, "is too long for a socket",
                     fmt::format("{} bytes are the most", longest_socket_path));
    }
    const bool printable = std::ranges::all_of(path, [](char c) { return c > ' ' && c < 0x7f; });
    if (!printable || path.ends_with('/')) return wrong(path, "is not the path of a socket", hint);
    return {};
}

Checked check_hash_key(std::string_view text)
{
    constexpr std::array<std::string_view, 4> known{"user", "session", "address", "header:NAME"};
    if (std::ranges::find(known.begin(), known.end() - 1, text) != known.end() - 1) return {};
    if (text.starts_with(hash_header_prefix)) {
        const auto name = text.substr(hash_header_prefix.size());
        if (is_token(name)) return {};
        return wrong(name, "is not a header name", "write header:X-Tenant, for example");
    }
    return wrong(text, "is nothing that requests are told apart by", nearest_hint(text, known));
}

Checked check_dns_server(std::string_view text)
{
    const auto place = parse_listen_address(text);
    const bool v4 = place && place->host.find(':') == std::string::npos;
    if (v4 && place->port != 0 && place->host != "0.0.0.0") return {};
    return wrong(text, "is not the address of a DNS server",
                 "write an IPv4 address and a port, for example 10.96.0.10:53");
}

Checked check_endpoint(std::string_view text)
{
    if (parse_endpoint(text)) return {};
    if (text.starts_with(unix_scheme)) return check_unix_endpoint(text.substr(unix_scheme.size()));
    const auto scheme = text.find("://");
    const auto rest = scheme == text.npos ? std::string_view{} : text.substr(scheme + 3);
    const bool is_known = text.starts_with("http://") || text.starts_with(https_scheme);
    if (is_known && rest.find('@') != rest.npos) {
        return Problem{"the URL of an upstream holds no user name or password",
                       "write http://host:port"};
    }
    const auto end = rest.find_first_of("/?#");
    if (is_known && end != rest.npos) {
        return wrong(text, "has something behind the host",
                     fmt::format("write {} alone; strip_prefix changes paths",
                                 text.substr(0, scheme + 3 + end)));
    }
    return wrong(text, "is not a URL of an upstream",
                 "write http://host:port or https://host, for example http://127.0.0.1:3000");
}

Checked check_server_name(std::string_view text)
{
    if (is_server_name(text)) return {};
    return wrong(text, "is neither a name nor an IP address",
                 "write the name that stands in the service's certificate, for example "
                 "orders.internal");
}

bool is_upstream_name(std::string_view text)
{
    return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
        return is_alphanumeric(c) || c == '-' || c == '_' || c == '.';
    });
}

Checked check_upstream_name(std::string_view text)
{
    if (is_upstream_name(text)) return {};
    return wrong(text, "is not a name for an upstream",
                 "write up to 64 letters, digits, -, _ and .");
}

/// Metrics have other uses for some words.
Checked check_route_name(std::string_view text)
{
    for (const auto taken : {"none", "auth", "admin", "other"}) {
        if (text == taken) {
            return wrong(text, "is what metrics call requests of another kind",
                         "choose another name");
        }
    }
    if (is_upstream_name(text)) return {};
    return wrong(text, "is not a name for a route", "write up to 64 letters, digits, -, _ and .");
}

Checked check_target(std::string_view text)
{
    if (is_upstream_name(text)) return {};
    return check_endpoint(text);
}

Checked check_log_field(std::string_view text)
{
    std::vector<std::string_view> names;
    for (const auto& word : words(LogField{})) names.push_back(word.text);
    if (std::ranges::find(names, text) != names.end()) return {};
    return wrong(text, "is no field of a log line", nearest_hint(text, names));
}

Checked check_collector_url(std::string_view text)
{
    if (is_collector_url(text)) return {};
    return Problem{
        "is not a collector's URL",
        "write http://host:4318 or https://host/v1/traces; what the collector wants to be "
        "shown goes into a file named as tracing.headers_file"};
}

Checked check_query_name(std::string_view text)
{
    if (std::ranges::any_of(text, is_alphanumeric) && std::ranges::all_of(text, [](char c) {
            return is_alphanumeric(c) || c == '-' || c == '_';
        }))
        return {};
    return wrong(text, "is not a name to look for", "write letters, digits, - and _");
}

} // namespace

namespace forms {
const Form word{"text", check_word};
const Form listen_address{"address:port", check_listen_address};
const Form admin_address{"address:port or `off`", check_admin_address};
const Form store{"`sqlite:PATH`, `postgres://user@host/database` or `memory`", check_store};
const Form postgres_url{"`postgres://user@host/database`", check_postgres_url};
const Form redis_url{"`redis://[user@]host[:port][/database]`, with TLS `rediss://`",
                     check_redis_url};
const Form file_path{"path", check_word};
const Form network{"networks such as `10.0.0.0/8`", check_network};
const Form api_prefix{"path", check_api_prefix};
const Form path_prefix{"path", check_path_prefix};
const Form path_pattern{"path pattern", check_path_pattern};
const Form host_pattern{"`name` or `*.name`", check_host_pattern};
const Form method{"methods in capitals", check_method};
const Form header_name{"header names", check_header_name};
const Form identity_header{"header name", check_identity_header};
const Form cookie_name{"cookie name", check_cookie_name};
const Form origin{"origins", check_origin};
const Form domain{"domain", check_domain};
const Form origin_or_star{"origins, or `*`", check_origin_or_star};
const Form endpoint{"`http://host[:port]`, `https://host[:port]` or `unix:/path`", check_endpoint};
const Form hash_key{"`user`, `session`, `address` or `header:<name>`", check_hash_key};
const Form dns_server{"`IPv4:port`", check_dns_server};
const Form target{"upstream name, `http://host[:port]`, `https://host[:port]` or `unix:/path`",
                  check_target};
const Form server_name{"name or IP address", check_server_name};
const Form upstream_name{"name", check_upstream_name};
const Form route_name{"name", check_route_name};
const Form log_field{"names of fields", check_log_field};
const Form query_name{"names", check_query_name};
const Form collector_url{"`http://host[:port][/path]`, with TLS `https://`", check_collector_url};
} // namespace forms

} // namespace gatehouse::config
