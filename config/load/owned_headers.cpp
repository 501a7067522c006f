#include "config/load/owned_headers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>

namespace gatehouse::config {
namespace {

using Names = std::initializer_list<std::string_view>;

/// Where a message ends, and what is said of the connection alone.
constexpr Names of_the_connection = {
    "connection", "content-length",    "expect",  "http2-settings", "keep-alive", "proxy", "te",
    "trailer",    "transfer-encoding", "upgrade",
};
constexpr Names of_the_trace = {"baggage", "traceparent", "tracestate"};
constexpr Names of_the_way = {"forwarded", "x-real-ip", "x-request-id"};
constexpr Names of_the_body = {"content-encoding", "content-range", "date"};
constexpr Names of_rates = {"ratelimit", "ratelimit-policy"};

bool is_one_of(std::string_view name, Names names)
{
    return std::ranges::find(names, name) != names.end();
}

bool tells_of_certificates(const ListenSettings& listen, std::string_view folded)
{
    if (!listen.tls || !listen.tls->client_certificates) return false;
    return std::ranges::any_of(
        header_names(listen.tls->client_certificates->headers),
        [&](const auto& named) { return folded == folded_header(*named.second); });
}

bool is_identity(const Settings& settings, std::string_view folded)
{
    const auto& identity = settings.identity;
    if (is_one_of(folded, {"x-user-id", "x-session-id", "x-user-roles"})) return true;
    if (folded == folded_header(identity.header)) return true;
    if (identity.proof && folded == folded_header(identity.proof->header)) return true;
    const bool of_a_claim = std::ranges::any_of(identity.headers, [&](const ClaimHeader& header) {
        return folded == folded_header(header.name);
    });
    return of_a_claim || std::ranges::any_of(settings.listen, [&](const ListenSettings& listen) {
               return tells_of_certificates(listen, folded);
           });
}

std::optional<Problem> problem_of_request(const Settings& settings, std::string_view folded)
{
    if (is_identity(settings, folded))
        return Problem{"says who asks, which verified tokens alone do",
                       "choose another name; claims of the token travel by identity.headers"};
    if (folded.starts_with("x-forwarded-") || is_one_of(folded, of_the_way))
        return Problem{"says where a request came from, which Gatehouse writes",
                       "choose another name, or see trusted_proxies and send_forwarded"};
    if (is_one_of(folded, of_the_trace))
        return Problem{"belongs to a trace, which Gatehouse continues", "see `tracing`"};
    if (folded == "host")
        return Problem{"decides where a request goes", "write host_header: upstream, or client"};
    return std::nullopt;
}

std::optional<Problem> problem_of_response(const Settings& settings, const RouteSettings& route,
                                           Change change, std::string_view folded)
{
    if (is_one_of(folded, of_the_body))
        return Problem{"says how the body is to be read", "it is the upstream's to say"};
    if (folded == "set-cookie" && change == Change::write)
        return Problem{"is how sessions are kept", "let the upstream set its cookies"};
    if (folded == "strict-transport-security" && settings.hsts)
        return Problem{"is written by `hsts` already", "change it there"};
    if (folded.starts_with("access-control-") && route.cors)
        return Problem{"is written by `cors` already", "change it there"};
    if (is_one_of(folded, of_rates))
        return Problem{"tells clients of `rates`", "choose another name"};
    return std::nullopt;
}

} // namespace

std::string folded_header(std::string_view name)
{
    std::string text{name};
    for (char& c : text) {
        const bool upper = c >= 'A' && c <= 'Z';
        const bool kept = upper || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (upper) c = static_cast<char>(c - 'A' + 'a');
        if (!kept) c = '-';
    }
    return text;
}

std::optional<Problem> problem_with_header(const Settings& settings, const RouteSettings& route,
                                           HeaderSide side, Change change, std::string_view name)
{
    const auto folded = folded_header(name);
    std::optional<Problem> problem;
    if (is_one_of(folded, of_the_connection) || folded.starts_with("proxy-") ||
        folded.starts_with("sec-websocket-")) {
        problem = Problem{"is about the connection, which ends here", "remove it"};
    } else if (side == HeaderSide::request) {
        problem = problem_of_request(settings, folded);
    } else {
        problem = problem_of_response(settings, route, change, folded);
    }
    if (problem) problem->message = fmt::format("{} {}", quoted(name), problem->message);
    return problem;
}

std::optional<std::string_view> counted_instead(const Settings& settings, std::string_view name)
{
    const auto folded = folded_header(name);
    if (folded == "x-session-id") return "session";
    if (is_identity(settings, folded)) return "user";
    if (is_one_of(folded, {"x-forwarded-for", "x-real-ip", "forwarded"})) return "address";
    return std::nullopt;
}

} // namespace gatehouse::config
