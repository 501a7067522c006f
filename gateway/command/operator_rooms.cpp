#include "gateway/command/operator_rooms.hpp"

namespace gatehouse::gateway {

OperatorRooms::OperatorRooms(config::Settings settings, auth::OpenStores stores)
    : settings_(std::move(settings)),
      stores_(std::move(stores)),
      hasher_(settings_.passwords),
      service_({*stores_.store, hasher_, clock_, log_}, settings_)
{
}

std::unique_ptr<OperatorRooms> OperatorRooms::open(config::Settings settings, Console& console)
{
    if (settings.store == "memory") {
        console.err << "the store is in the gateway's memory, where no other process can reach it\n"
                       "  hint: write store: sqlite:gatehouse.db\n";
        return nullptr;
    }
    auto stores = auth::open_stores(settings, auth::StoreRole::command);
    if (!stores) {
        console.err << stores.error() << "\n";
        return nullptr;
    }
    return std::unique_ptr<OperatorRooms>(
        new OperatorRooms(std::move(settings), *std::move(stores)));
}

} // namespace gatehouse::gateway
