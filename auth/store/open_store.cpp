#include "auth/store/open_store.hpp"

#include "auth/store/memory/memory_store.hpp"

namespace gatehouse::auth {

Result<std::unique_ptr<Store>, std::string> open_store(std::string_view spec, StoreRole role)
{
    using Opened = Result<std::unique_ptr<Store>, std::string>;
    if (spec == "memory" && role == StoreRole::command) {
        return Opened(boost::system::in_place_error,
                      "store: memory lives inside the running gateway and cannot be reached from "
                      "the command line; use store: sqlite:PATH to manage users from here");
    }
    if (spec == "memory") return Opened(std::make_unique<MemoryStore>());
    return Opened(boost::system::in_place_error,
                  "store: \"" + std::string(spec) +
                      "\" names no store this version knows; write memory or sqlite:PATH");
}

} // namespace gatehouse::auth
