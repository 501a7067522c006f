#include "auth/store/open_store.hpp"

#include "auth/store/memory/memory_store.hpp"
#include "auth/store/postgres/open.hpp"
#include "auth/store/postgres/status.hpp"
#include "auth/store/sqlite/open.hpp"
#include "auth/store/sqlite/status.hpp"
#include "config/forms/address.hpp"

namespace gatehouse::auth {

namespace {

using namespace std::chrono_literals;

constexpr std::string_view sqlite_scheme = "sqlite:";

constexpr auto command_patience = 10s;

// The gateway answers 503 within a second (SECURITY R63); a person at a prompt can wait longer.
[[nodiscard]] sqlite::WriterLimits limits_for(StoreRole role, const StoreOptions& options)
{
    sqlite::WriterLimits limits;
    if (role == StoreRole::command) limits.patience = command_patience;
    if (options.patience) limits.patience = *options.patience;
    limits.meter = options.meter;
    return limits;
}

[[nodiscard]] postgres::Place place_of(std::string_view url,
                                       const config::PostgresSettings& settings)
{
    return {std::string(url), settings.password, settings.accept_data_loss,
            settings.transaction_pooling, settings.feed_url};
}

[[nodiscard]] postgres::PoolLimits pool_limits_for(StoreRole role, const StoreOptions& options)
{
    postgres::PoolLimits limits;
    limits.connections = options.postgres.connections;
    if (role == StoreRole::command) limits.patience = command_patience;
    if (options.patience) limits.patience = *options.patience;
    limits.meter = options.meter;
    return limits;
}

constexpr std::string_view out_of_reach =
    "store: memory lives inside the running gateway and cannot be reached from the command line; "
    "use store: sqlite:PATH to manage users from here";

[[nodiscard]] bool is_sqlite(std::string_view spec)
{
    return spec.starts_with(sqlite_scheme) && spec.size() > sqlite_scheme.size();
}

[[nodiscard]] std::string unknown(std::string_view spec)
{
    return "store: \"" + std::string(spec) +
           "\" names no store this version knows; write memory, sqlite:PATH or "
           "postgres://user@host/database";
}

} // namespace

std::optional<std::string> problem_with_postgres(std::string_view url,
                                                 const config::PostgresSettings& settings)
{
    return postgres::problem_with(place_of(url, settings));
}

Result<std::unique_ptr<Store>, std::string> open_store(std::string_view spec, StoreRole role,
                                                       const StoreOptions& options)
{
    using Opened = Result<std::unique_ptr<Store>, std::string>;
    if (spec == "memory" && role == StoreRole::command) {
        return Opened(boost::system::in_place_error, std::string(out_of_reach));
    }
    if (spec == "memory") return Opened(std::make_unique<MemoryStore>());
    if (is_sqlite(spec)) {
        auto opened =
            sqlite::open(spec.substr(sqlite_scheme.size()), role, limits_for(role, options),
                         options.poll, options.on_failure, options.sessions);
        if (!opened) return Opened(boost::system::in_place_error, "store: " + opened.error());
        return opened;
    }
    if (config::is_postgres(spec)) {
        auto opened =
            postgres::open(place_of(spec, options.postgres), role, pool_limits_for(role, options),
                           options.poll, options.on_failure, options.sessions);
        if (!opened) return Opened(boost::system::in_place_error, "store: " + opened.error());
        return opened;
    }
    return Opened(boost::system::in_place_error, unknown(spec));
}

Result<StoreStatus, std::string>
status_of_store(std::string_view spec, const config::PostgresSettings& settings, Millis now)
{
    using Found = Result<StoreStatus, std::string>;
    const auto told = [](Found found) {
        if (found) return found;
        return Found(boost::system::in_place_error, "store: " + found.error());
    };
    if (spec == "memory") return Found(boost::system::in_place_error, std::string(out_of_reach));
    if (is_sqlite(spec)) return told(sqlite::status_of(spec.substr(sqlite_scheme.size()), now));
    if (config::is_postgres(spec)) return told(postgres::status_of(place_of(spec, settings), now));
    return Found(boost::system::in_place_error, unknown(spec));
}

Result<std::optional<KeptKeys::Kept>, std::string>
kept_keys_of_store(std::string_view spec, const config::PostgresSettings& settings,
                   std::string_view name)
{
    if (is_sqlite(spec)) return sqlite::kept_keys_of(spec.substr(sqlite_scheme.size()), name);
    if (config::is_postgres(spec)) return postgres::kept_keys_of(place_of(spec, settings), name);
    return std::optional<KeptKeys::Kept>();
}

} // namespace gatehouse::auth
