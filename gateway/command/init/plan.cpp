#include "gateway/command/init/plan.hpp"

#include "config/forms/address.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gatehouse::gateway {
namespace {

constexpr auto head = R"(# yaml-language-server: $schema={}
#
# Who may reach your services. Written by `gatehouse init`; change what you like.
#   gatehouse check                  shows every mistake in this file, with its place and a hint
#   gatehouse explain 'GET /path'    shows what would happen to a request, and why
#   gatehouse run                    starts the gateway
# Every key, its default and what is allowed: docs/CONFIGURATION.md, or `man gatehouse.yaml`.

)";

constexpr auto listening =
    R"(# Where clients connect. 0.0.0.0 means every address of this machine, 127.0.0.1 this machine alone.
# With `tls: {{certificate: FILE, key: FILE}}` beside the address it is HTTPS: docs/TLS.md. Behind
# something else that ends TLS, list that in `trusted_proxies`.
listen:
  - address: {}
{}
# Where probes (/healthz, /readyz) and /metrics answer; `off` for nowhere.
admin: 127.0.0.1:{}

)";

constexpr auto keeping =
    R"(# Where accounts and sessions are kept: sqlite:PATH, which starts at this file's folder,
# postgres://user@host/database for several gateways, or memory. More: docs/STORE.md
store: {}

# Who may register: `open` is anyone, `invite` whoever has a code from `gatehouse user invite`,
# `closed` nobody, so that `gatehouse user add` makes all accounts. More: docs/ACCOUNTS.md
registration: {}

)";

constexpr auto tokens = R"(tokens:
  # Who issued a token: its `iss` claim. Write the URL that clients use.
  issuer: {}
  # How long an access token is good; a refresh token brings the next one. A logout ends it at once.
  access_ttl: 1h
)";

constexpr auto keys_of_postgres =
    R"(  # The keys that sign tokens, made on first start. Gateways on several machines keep them in the
  # store instead, under SEALING_SECRET: docs/CONFIGURATION.md, "Signing keys".
  keys_file: gatehouse.keys.json
)";

constexpr auto routes_head = R"(
# What is forwarded, and where to. A request needs a valid token unless its route says otherwise
# (`auth: none` or `optional`), and the service finds the verified user id in X-User-Id. The most
# specific route wins; what matches none is 404. Roles, scopes and claims: docs/POLICY.md
routes:
)";

constexpr auto public_example = R"(  # This would let everybody read what lies below /public:
  # - match: /public/**
  #   methods: [GET]
  #   auth: none
  #   to: {}
)";

constexpr auto compose_tail = R"(
# The names above are those of services in {0}. The gateway is one more of them:
#   gatehouse:
#     image: gatehouse
#     ports: ["{1}:{1}"]
#     volumes:
#       - ./gatehouse.yaml:/etc/gatehouse/gatehouse.yaml:ro
#       - gatehouse:/var/lib/gatehouse
# Remove `ports` from the services above, for who reaches those passes by the gateway.
)";

bool is_plain(const std::string& text)
{
    constexpr std::string_view marks = "/._:@?=&%+~-";
    const auto alphanumeric = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    };
    const auto fits = [&](char c) { return alphanumeric(c) || marks.find(c) != marks.npos; };
    if (text.empty() || text.ends_with(':')) return false;
    if (text == "null" || text == "Null" || text == "NULL") return false; // no text but no value
    return (alphanumeric(text.front()) || text.front() == '/') && std::ranges::all_of(text, fits);
}

/// So that `${` is no replacement.
std::string without_replacements(const std::string& text)
{
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text.compare(i, 2, "${") == 0) out += '$';
        out += text[i];
    }
    return out;
}

std::uint16_t port_of(const std::string& listen)
{
    const auto address = config::parse_listen_address(listen);
    return address ? address->port : 0;
}

/// What clients on this machine can write, until somebody knows better.
std::string default_issuer(const Plan& plan)
{
    const std::string_view scheme = plan.certificate.empty() ? "http" : "https";
    const auto address = config::parse_listen_address(plan.listen);
    if (!address || address->host == "0.0.0.0" || address->host == "::") {
        return fmt::format("{}://localhost:{}", scheme, port_of(plan.listen));
    }
    const bool v6 = address->host.find(':') != std::string::npos;
    return fmt::format("{}://{}{}{}:{}", scheme, v6 ? "[" : "", address->host, v6 ? "]" : "",
                       address->port);
}

/// Beside the port of clients.
int admin_port(const Plan& plan)
{
    int port = 9901;
    while (port_of(plan.listen) == port || port_of(plan.redirect) == port) ++port;
    return port;
}

/// What stands below the address.
std::string tls_text(const Plan& plan)
{
    if (plan.certificate.empty()) return {};
    auto text = fmt::format("    tls:\n      certificate: {}\n      key: {}\n",
                            yaml_scalar(plan.certificate), yaml_scalar(plan.key));
    if (plan.redirect.empty()) return text;
    return text +
           fmt::format("  # Sends plain clients there. Where something in front maps the port "
                       "of HTTPS to another one:\n  # `redirect_to_https: {{port: 443}}`.\n"
                       "  - address: {}\n    redirect_to_https: true\n",
                       yaml_scalar(plan.redirect));
}

std::string route_text(const PlannedRoute& route)
{
    auto text =
        fmt::format("  - match: {}\n    to: {}\n", yaml_scalar(route.match), yaml_scalar(route.to));
    if (route.to.starts_with("https://"))
        text += "    # Its certificate has to be of an authority of the system, or of one that "
                "upstreams.<name>.tls.ca\n    # names: docs/TLS.md.\n";
    if (route.strip_prefix.empty()) return text;
    return text + fmt::format("    # The service sees paths without this; remove the line if it "
                              "expects them whole.\n    strip_prefix: {}\n",
                              yaml_scalar(route.strip_prefix));
}

std::string skipped_text(const Plan& plan)
{
    std::string text;
    for (const auto& service : plan.skipped) {
        text += fmt::format("  # No route to {}: {}.\n", service.name, service.reason);
    }
    return text;
}

} // namespace

std::string yaml_scalar(const std::string& text)
{
    const auto literal = without_replacements(text);
    if (is_plain(literal) || literal == "/**") return literal;
    std::string out = "\"";
    for (const char c : literal) {
        if (c == '"' || c == '\\') out += '\\';
        const bool control = static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
        out += control ? fmt::format("\\x{:02X}", static_cast<unsigned>(c)) : std::string(1, c);
    }
    return out + '"';
}

std::string configuration_text(const Plan& plan, const std::string& schema)
{
    const auto issuer = plan.issuer.empty() ? default_issuer(plan) : plan.issuer;
    auto text = fmt::format(head, schema);
    text += fmt::format(listening, yaml_scalar(plan.listen), tls_text(plan), admin_port(plan));
    text += fmt::format(keeping, yaml_scalar(plan.store), plan.registration);
    text += fmt::format(tokens, yaml_scalar(issuer));
    if (config::is_postgres(plan.store)) text += keys_of_postgres;
    text += routes_head;
    for (const auto& route : plan.routes) text += route_text(route);
    text += skipped_text(plan);
    if (!plan.routes.empty()) {
        text += fmt::format(public_example, yaml_scalar(plan.routes.front().to));
    }
    if (!plan.compose_file.empty()) {
        text += fmt::format(compose_tail, plan.compose_file, port_of(plan.listen));
    }
    return text;
}

} // namespace gatehouse::gateway
