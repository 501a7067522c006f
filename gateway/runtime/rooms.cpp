#include "gateway/runtime/rooms.hpp"

#include "config/forms/address.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::gateway {
namespace {

std::vector<UpstreamTarget> targets_of(const config::Settings& settings, const Router& router)
{
    std::vector<UpstreamTarget> targets;
    UpstreamTlsBook book;
    for (const auto& to : router.upstreams()) {
        targets.push_back(resolve_target(settings, to, book));
    }
    return targets;
}

/// The first listener that speaks it.
HttpsPlace https_place_of(const config::Settings& settings, const TlsServers& servers)
{
    HttpsPlace place;
    for (std::size_t i = 0; i < servers.size() && i < settings.listen.size(); ++i) {
        if (!servers[i].context) continue;
        const auto address = config::parse_listen_address(settings.listen[i].address);
        if (address && address->port != 0) place.port = address->port;
        for (const auto& certificate : servers[i].certificates) {
            place.names.insert(place.names.end(), certificate.names.begin(),
                               certificate.names.end());
        }
        break;
    }
    return place;
}

std::string hsts_of(const config::Settings& settings)
{
    if (!settings.hsts) return {};
    const auto& hsts = *settings.hsts;
    return hsts_value(hsts.max_age.count(), hsts.include_subdomains, hsts.preload);
}

} // namespace

Runtime::Runtime(config::Settings chosen, std::shared_ptr<LocalEndpoint> api,
                 std::shared_ptr<SessionRenewer> renewing, std::uint64_t generation,
                 TlsServers servers)
    : number(generation),
      settings(std::move(chosen)),
      policy(settings),
      clients(settings),
      treatments(treatments_of(settings, policy)),
      router(settings.routes, treatments),
      upstreams(targets_of(settings, router)),
      tls_servers(std::move(servers)),
      https(https_place_of(settings, tls_servers)),
      hsts(hsts_of(settings)),
      issuers(std::make_shared<const auth::Issuers>(settings)),
      keeps_answers(std::ranges::any_of(settings.routes,
                                        [](const auto& route) { return route.cache.has_value(); })),
      auth_api(std::move(api)),
      renewer(std::move(renewing))
{
}

std::optional<std::size_t> Runtime::listener_at(std::string_view address) const noexcept
{
    for (std::size_t i = 0; i < settings.listen.size(); ++i) {
        if (settings.listen[i].address == address) return i;
    }
    return std::nullopt;
}

} // namespace gatehouse::gateway
