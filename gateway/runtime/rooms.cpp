#include "gateway/runtime/rooms.hpp"

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

} // namespace

Runtime::Runtime(config::Settings chosen, std::shared_ptr<LocalEndpoint> api,
                 std::shared_ptr<SessionRenewer> renewing, std::uint64_t generation)
    : number(generation),
      settings(std::move(chosen)),
      policy(settings),
      clients(settings),
      router(settings.routes),
      upstreams(targets_of(settings, router)),
      auth_api(std::move(api)),
      renewer(std::move(renewing))
{
}

} // namespace gatehouse::gateway
