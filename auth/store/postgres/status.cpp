#include "auth/store/postgres/status.hpp"

#include "auth/store/postgres/address.hpp"
#include "auth/store/postgres/schema.hpp"
#include "auth/store/postgres/transaction.hpp"
#include "auth/store/postgres/watchdog.hpp"

#include <algorithm>

namespace gatehouse::auth::postgres {

namespace {

using namespace std::chrono_literals;

// For a person who asked how many millions of rows there are.
constexpr auto patience = 60s;

constexpr std::int64_t first_version_with_leases = 2;
constexpr std::int64_t first_version_with_kept_keys = 2;

[[nodiscard]] std::uint64_t count(Connection& connection, const std::string& of)
{
    auto row = connection.execute("SELECT count(*) FROM gatehouse." + of);
    return row.next() ? static_cast<std::uint64_t>(row.integer(0)) : 0;
}

[[nodiscard]] std::vector<Leases::Lease> running_leases(Connection& connection, Millis now)
{
    auto rows =
        connection.execute("SELECT name, holder, until_ms FROM gatehouse.leases "
                           "WHERE until_ms > " +
                           std::to_string(now.time_since_epoch().count()) + " ORDER BY name");
    std::vector<Leases::Lease> all;
    while (rows.next()) all.push_back({rows.bytes(0), rows.bytes(1), rows.millis(2)});
    return all;
}

[[nodiscard]] StoreStatus::Contents contents(Connection& connection, std::int64_t version,
                                             Millis now)
{
    StoreStatus::Contents found;
    found.users = count(connection, "users");
    found.live_sessions =
        count(connection, "sessions WHERE ended_ms IS NULL AND expires_at * 1000 > " +
                              std::to_string(now.time_since_epoch().count()));
    auto last = connection.execute("SELECT last, at_ms FROM gatehouse.feed "
                                   "LEFT JOIN gatehouse.changes ON sequence = last");
    if (last.next()) {
        found.newest_change = static_cast<std::uint64_t>(last.integer(0));
        found.changed_at = last.optional_millis(1);
    }
    if (version >= first_version_with_leases) found.leases = running_leases(connection, now);
    return found;
}

[[nodiscard]] StoreStatus read_status(Connection& connection, Millis now)
{
    StoreStatus status;
    status.kind = "PostgreSQL";
    status.known_version = newest_schema_version();
    // By itself: where the table is missing the statement's failure ends a transaction.
    const auto found = schema_version(connection);
    status.version = found.version;
    status.usable_from = found.usable_from;
    if (found.version == 0) return status;
    Transaction snapshot(connection, Access::survey);
    connection.execute("SET LOCAL bytea_output = 'hex'");
    status.contents = contents(connection, found.version, now);
    snapshot.commit();
    return status;
}

[[nodiscard]] std::string one_line(std::string text)
{
    while (text.ends_with('\n')) text.pop_back();
    std::ranges::replace(text, '\n', ' ');
    return text;
}

} // namespace

Result<StoreStatus, std::string> status_of(const Place& place, Millis now)
{
    Watchdog watchdog;
    try {
        Connection connection(std::string(
            address_for(place.url, place.password, place.transaction_pooling).reveal()));
        const Watchdog::Watch watch(watchdog, connection, Watchdog::Steady::now() + patience);
        return read_status(connection, now);
    } catch (const Failure& failure) {
        return {boost::system::in_place_error, "PostgreSQL: " + one_line(failure.what())};
    }
}

Result<std::optional<KeptKeys::Kept>, std::string> kept_keys_of(const Place& place,
                                                                std::string_view name)
{
    Watchdog watchdog;
    try {
        Connection connection(std::string(
            address_for(place.url, place.password, place.transaction_pooling).reveal()));
        const Watchdog::Watch watch(watchdog, connection, Watchdog::Steady::now() + patience);
        if (schema_version(connection).version < first_version_with_kept_keys) {
            return std::optional<KeptKeys::Kept>();
        }
        Transaction snapshot(connection, Access::survey);
        connection.execute("SET LOCAL bytea_output = 'hex'");
        // Not prepared: a pooler may give the next transaction another session.
        auto row = connection.execute("SELECT version, bytes FROM gatehouse.kept_keys "
                                      "WHERE name = E'\\" +
                                      to_bytea(name) + "'");
        if (!row.next()) return std::optional<KeptKeys::Kept>();
        return std::optional(
            KeptKeys::Kept{static_cast<std::uint64_t>(row.integer(0)), row.bytes(1)});
    } catch (const Failure& failure) {
        return {boost::system::in_place_error, "PostgreSQL: " + one_line(failure.what())};
    }
}

} // namespace gatehouse::auth::postgres
