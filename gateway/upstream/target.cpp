#include "gateway/upstream/target.hpp"

#include "config/basics/enforced.hpp"
#include "config/forms/address.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace gatehouse::gateway {
namespace {

Spreading spreading_of(const config::UpstreamSettings& settings)
{
    Spreading spreading;
    spreading.balance = settings.balance;
    spreading.sticky_cookie = settings.sticky_cookie;
    spreading.slow_start = settings.slow_start;
    const std::string_view on = settings.hash_on;
    if (on == "session") spreading.hash_on = HashOn::session;
    if (on == "address") spreading.hash_on = HashOn::address;
    if (on.starts_with(config::hash_header_prefix)) {
        spreading.hash_on = HashOn::header;
        spreading.header = on.substr(config::hash_header_prefix.size());
    }
    return spreading;
}

EndpointTarget socket_at(std::string_view url)
{
    EndpointTarget target;
    target.authority = url;
    target.host = "localhost"; // it has no name that would mean anything on the other side
    target.socket_path = url.substr(config::unix_scheme.size());
    return target;
}

/// Says where its name is looked up.
void look_up(EndpointTarget& endpoint, const config::ResolveSettings& settings)
{
    if (endpoint.address || !endpoint.socket_path.empty()) return;
    endpoint.look_up = name_key(endpoint.where.host, settings.server);
    endpoint.expand = settings.expand;
}

/// Gives a secure endpoint what it is spoken to with. The settings were judged before: what cannot
/// be made now leaves it without, and nobody connects there.
void secure(EndpointTarget& endpoint, const config::UpstreamTlsSettings& terms,
            const config::Settings& settings, UpstreamTlsBook& book)
{
    endpoint.server_name = terms.server_name.empty() ? endpoint.where.host : terms.server_name;
    // The dot of a name that is whole belongs to DNS.  RFC 6066, 3
    if (endpoint.server_name.ends_with('.')) endpoint.server_name.pop_back();
    auto made = make_upstream_tls(terms, settings.system_authorities.get(), book);
    if (made) endpoint.tls = *std::move(made);
}

} // namespace

std::vector<SocketAddress> known_addresses(const EndpointTarget& endpoint, const NameBook& names)
{
    std::vector<SocketAddress> addresses;
    const auto known = names.find(endpoint.look_up);
    if (known == names.end()) return addresses;
    for (const auto& text : known->second) {
        if (const auto address = SocketAddress::parse(text, endpoint.where.port)) {
            addresses.push_back(*address);
        }
    }
    return addresses;
}

std::vector<EndpointTarget> expanded(const EndpointTarget& endpoint, const NameBook& names)
{
    if (!endpoint.expand) return {endpoint};
    std::vector<EndpointTarget> all;
    for (const auto& address : known_addresses(endpoint, names)) {
        if (!all.empty() && address.family() != all.front().address->family()) break;
        auto& one = all.emplace_back(endpoint);
        one.authority.append("@").append(AddressText(address).view());
        one.address = address;
    }
    if (all.empty()) all.push_back(endpoint); // not looked up yet
    return all;
}

std::string EndpointTarget::pool_key() const
{
    if (!secure || !enforced("upstream.tls_terms_apart")) return authority;
    return fmt::format("https://{}|{}|{}", authority, server_name, tls ? tls->terms() : "");
}

bool UpstreamTarget::has_names() const noexcept
{
    return std::ranges::any_of(endpoints,
                               [](const auto& endpoint) { return !endpoint.look_up.empty(); });
}

std::optional<EndpointTarget> parse_endpoint(std::string_view url)
{
    if (url.starts_with(config::unix_scheme)) return socket_at(url);
    constexpr std::string_view http_scheme = "http://";
    EndpointTarget target;
    target.secure = url.starts_with(config::https_scheme);
    const auto scheme = target.secure ? config::https_scheme : http_scheme;
    if (!url.starts_with(scheme)) return std::nullopt;
    auto authority = url.substr(scheme.size());
    if (authority.ends_with('/')) authority.remove_suffix(1);

    target.authority = authority;
    target.host = authority;
    auto where = parse_host_port(authority);
    if (!where) {
        const auto whole = target.authority + (target.secure ? ":443" : ":80");
        where = parse_host_port(whole);
        // Logs know no scheme: with its port it is not taken for another one.
        if (target.secure) target.authority = whole;
    }
    if (!where) return std::nullopt;
    target.where = *where;
    target.address = SocketAddress::parse(where->host, where->port);
    return target;
}

UpstreamTarget resolve_target(const config::Settings& settings, const std::string& to,
                              UpstreamTlsBook& book)
{
    UpstreamTarget target;
    target.name = to;
    const auto named = settings.upstreams.find(to);
    if (named == settings.upstreams.end()) {
        if (auto endpoint = parse_endpoint(to)) {
            if (endpoint->secure) secure(*endpoint, {}, settings, book);
            target.endpoints.push_back(std::move(*endpoint));
        }
        return target;
    }
    target.settings = named->second;
    target.retry = RetryPolicy(target.settings.retry);
    const auto terms = target.settings.tls.value_or(config::UpstreamTlsSettings());
    for (const auto& listed : named->second.endpoints) {
        auto endpoint = parse_endpoint(listed.url);
        if (!endpoint) continue;
        if (endpoint->secure) secure(*endpoint, terms, settings, book);
        if (const auto& resolve = named->second.resolve) look_up(*endpoint, *resolve);
        target.endpoints.push_back(std::move(*endpoint));
        target.weights.push_back(listed.weight);
    }
    target.spreading = spreading_of(named->second);
    return target;
}

} // namespace gatehouse::gateway
