#include "gateway/command/operator_rooms.hpp"

#include "auth/store/open_store.hpp"

namespace gatehouse::gateway {

OperatorRooms::OperatorRooms(config::Settings settings, std::unique_ptr<auth::Store> store)
    : settings_(std::move(settings)),
      store_(std::move(store)),
      hasher_(settings_.passwords),
      service_({*store_, hasher_, clock_, log_}, settings_)
{
}

std::unique_ptr<OperatorRooms> OperatorRooms::open(config::Settings settings, Console& console)
{
    if (settings.store == "memory") {
        console.err << "the store is in the gateway's memory, where no other process can reach it\n"
                       "  hint: write store: sqlite:gatehouse.db\n";
        return nullptr;
    }
    auto store =
        auth::open_store(settings.store, auth::StoreRole::command, {.postgres = settings.postgres});
    if (!store) {
        console.err << store.error() << "\n";
        return nullptr;
    }
    return std::unique_ptr<OperatorRooms>(
        new OperatorRooms(std::move(settings), *std::move(store)));
}

} // namespace gatehouse::gateway
