#include "config/forms/address.hpp"
#include "config/load/validate.hpp"

#include <fmt/format.h>

#include <set>

namespace gatehouse::config {
namespace {

void error(const Node& root, const std::string& key, Problem problem, Report& report)
{
    report.error(nearest_node(root, key), key, std::move(problem));
}

void validate_proxy_protocol(const Settings& settings, std::size_t number, const Node& root,
                             Report& report)
{
    const auto& listen = settings.listen[number];
    const auto key = fmt::format("listen[{}].proxy_protocol", number);
    if (listen.proxy_protocol == ProxyProtocol::required && settings.trusted_proxies.empty()) {
        error(root, key,
              {"lets nobody in, for trusted_proxies is empty",
               "write the networks of your proxies into trusted_proxies"},
              report);
    }
}

/// All of IPv4, or of both.
bool is_everybody(const Network& network)
{
    return network == parse_network("0.0.0.0/0") || network.prefix_length == 0;
}

/// Whoever is trusted says who the client is: what is limited by address is limited no more.
void warn_of_trust_in_everybody(const Settings& settings, const Node& root, Report& report)
{
    for (std::size_t i = 0; i < settings.trusted_proxies.size(); ++i) {
        const auto network = parse_network(settings.trusted_proxies[i]);
        if (!network || !is_everybody(*network)) continue;
        const auto key = fmt::format("trusted_proxies[{}]", i);
        report.warning(nearest_node(root, key), key,
                       {"trusts everybody: each client may say which address it has",
                        "write the networks of your proxies"});
    }
}

/// Whether the address is what somebody wrote, or left out. One that could not be read is blamed
/// already, and what holds in its place, the default, would clash with others that are good.
bool is_readable(std::size_t number, const Node& root, const Report& report)
{
    const auto key = fmt::format("listen[{}]", number);
    return nearest_node(root, key).kind == Node::Kind::map && !report.blames(key + ".address");
}

/// With port 0 an address may stand there twice, and what comes in names the address only.
void validate_sameness(const Settings& settings, std::size_t number, const Node& root,
                       Report& report)
{
    const auto& listen = settings.listen[number];
    for (std::size_t i = 0; i < number; ++i) {
        const auto& other = settings.listen[i];
        if (other.address != listen.address || !is_readable(i, root, report)) continue;
        const auto blame = [&](const char* what) {
            const auto key = fmt::format("listen[{}].{}", number, what);
            error(root, key,
                  {fmt::format("differs from that of another listener at {}", listen.address),
                   "give them different addresses"},
                  report);
        };
        if (other.proxy_protocol != listen.proxy_protocol) blame("proxy_protocol");
        if (other.redirect_to_https != listen.redirect_to_https) blame("redirect_to_https");
        if (other.tls || listen.tls) blame("tls");
    }
}

} // namespace

void validate_listeners(const Settings& settings, const Node& root, Report& report)
{
    if (settings.listen.empty()) {
        error(root, "listen", {"is empty", "write at least one - address: 127.0.0.1:8080"}, report);
    }
    std::set<std::string> taken;
    const auto claim = [&](const std::string& key, const std::string& address) {
        const auto parsed = parse_listen_address(address);
        if (!parsed || parsed->port == 0) return;
        if (taken.insert(fmt::format("{} {}", parsed->host, parsed->port)).second) return;
        error(root, key,
              {fmt::format("{} is taken by another listener",
                           quoted(nearest_node(root, key), address)),
               "give each listener a port of its own"},
              report);
    };
    for (std::size_t i = 0; i < settings.listen.size(); ++i) {
        validate_proxy_protocol(settings, i, root, report);
        if (!is_readable(i, root, report)) continue;
        claim(fmt::format("listen[{}].address", i), settings.listen[i].address);
        validate_sameness(settings, i, root, report);
    }
    if (!report.blames("admin")) claim("admin", settings.admin);
    warn_of_trust_in_everybody(settings, root, report);
}

} // namespace gatehouse::config
