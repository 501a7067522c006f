#include "gateway/runtime/make_runtime.hpp"

#include <utility>

namespace gatehouse::gateway {
namespace {

/// What the auth API is made of, by one generation of settings.
struct AuthSide {
    AuthSide(const config::Settings& chosen, AuthRooms& rooms,
             std::shared_ptr<AuthApi::Queues> queues)
        : settings(chosen),
          service(rooms.service_by(settings)),
          api({service, rooms.keys(), rooms.clock(), rooms.hash_pool(), rooms.store_pool(),
               rooms.confirmation(), rooms.confirm_pool(), &rooms.outcomes()},
              settings, std::move(queues))
    {
    }

    const config::Settings settings;
    auth::AuthService service;
    AuthApi api;
};

} // namespace

std::shared_ptr<const Runtime> make_runtime(const config::Settings& settings, std::uint64_t number,
                                            AuthRooms& rooms,
                                            std::shared_ptr<AuthApi::Queues> queues,
                                            TlsServers tls_servers)
{
    auto side = std::make_shared<AuthSide>(settings, rooms, std::move(queues));
    std::shared_ptr<AuthApi> api(side, &side->api);
    return std::make_shared<const Runtime>(settings, api, api, number, std::move(tls_servers));
}

} // namespace gatehouse::gateway
