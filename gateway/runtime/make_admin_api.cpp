#include "gateway/runtime/make_admin_api.hpp"

#include <utility>

namespace gatehouse::gateway {

Result<std::shared_ptr<AdminApi>, std::string> make_admin_api(AuthRooms& rooms,
                                                              AdminApi::Process process,
                                                              const config::Settings& settings,
                                                              StoreLines& log)
{
    // On a unix socket nobody shows one.
    auto credential = settings.admin == "off" ? auth::AdminCredential::unknown()
                                              : auth::AdminCredential::open(settings.admin_api);
    if (!credential) {
        // A file that was named has to be right. The usual place may be one where nothing can be
        // written, and that is no reason not to serve.
        const auto why = credential.error().message;
        if (!settings.admin_api.token_file.empty()) return why;
        log.warned(why + "; the admin API lets nobody in", rooms.clock().now());
        credential = auth::AdminCredential::unknown();
    }
    process.hand_out_keys = [&rooms] { rooms.hand_out_keys(); };
    process.started_at = rooms.clock().now();
    const AdminApi::Rooms parts{rooms.store(),       rooms.hasher(),     rooms.revocations(),
                                rooms.api_keys(),    rooms.keys(),       rooms.clock(),
                                rooms.audit(),       rooms.store_pool(), rooms.confirmation(),
                                rooms.confirm_pool()};
    return std::make_shared<AdminApi>(parts, std::move(process), settings, *std::move(credential));
}

} // namespace gatehouse::gateway
