#include "auth/store/open_store.hpp"

#include "auth/store/memory/memory_store.hpp"
#include "auth/store/sqlite/open.hpp"

namespace gatehouse::auth {

namespace {

using namespace std::chrono_literals;

constexpr std::string_view sqlite_scheme = "sqlite:";

// The gateway answers 503 within a second (SECURITY R63); a person at a prompt can wait longer.
[[nodiscard]] sqlite::WriterLimits limits_for(StoreRole role,
                                              std::optional<std::chrono::milliseconds> patience)
{
    sqlite::WriterLimits limits;
    if (role == StoreRole::command) limits.patience = 10s;
    if (patience) limits.patience = *patience;
    return limits;
}

} // namespace

Result<std::unique_ptr<Store>, std::string> open_store(std::string_view spec, StoreRole role,
                                                       const StorePace& pace)
{
    using Opened = Result<std::unique_ptr<Store>, std::string>;
    if (spec == "memory" && role == StoreRole::command) {
        return Opened(boost::system::in_place_error,
                      "store: memory lives inside the running gateway and cannot be reached from "
                      "the command line; use store: sqlite:PATH to manage users from here");
    }
    if (spec == "memory") return Opened(std::make_unique<MemoryStore>());
    if (spec.starts_with(sqlite_scheme) && spec.size() > sqlite_scheme.size()) {
        auto opened = sqlite::open(spec.substr(sqlite_scheme.size()), role,
                                   limits_for(role, pace.patience), pace.poll);
        if (!opened) return Opened(boost::system::in_place_error, "store: " + opened.error());
        return opened;
    }
    return Opened(boost::system::in_place_error,
                  "store: \"" + std::string(spec) +
                      "\" names no store this version knows; write memory or sqlite:PATH");
}

} // namespace gatehouse::auth
