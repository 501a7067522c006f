#include "auth/store/sqlite/status.hpp"

#include "auth/store/sqlite/schema.hpp"
#include "auth/store/sqlite/transaction.hpp"

namespace gatehouse::auth::sqlite {

namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr std::int64_t first_version_with_leases = 2;
constexpr std::int64_t first_version_with_kept_keys = 2;

[[nodiscard]] std::uint64_t count(Database& database, std::string_view sql, Millis now)
{
    auto row = database.query(sql, now);
    return row.next() ? static_cast<std::uint64_t>(row.integer(0)) : 0;
}

[[nodiscard]] std::vector<Leases::Lease> running_leases(Database& database, Millis now)
{
    auto rows = database.query(
        "SELECT name, holder, until_ms FROM leases WHERE until_ms > ?1 ORDER BY name", now);
    std::vector<Leases::Lease> all;
    while (rows.next()) all.push_back({rows.text(0), rows.text(1), rows.millis(2)});
    return all;
}

[[nodiscard]] StoreStatus::Contents contents(Database& database, std::int64_t version, Millis now)
{
    StoreStatus::Contents found;
    found.users = static_cast<std::uint64_t>(database.integer("SELECT count(*) FROM users"));
    found.live_sessions = count(
        database, "SELECT count(*) FROM sessions WHERE ended_ms IS NULL AND expires_at * 1000 > ?1",
        now);
    auto last = database.query("SELECT seq, at_ms FROM sqlite_sequence "
                               "LEFT JOIN changes ON sequence = seq WHERE name = 'changes'");
    if (last.next()) {
        found.newest_change = static_cast<std::uint64_t>(last.integer(0));
        found.changed_at = last.optional_millis(1);
    }
    if (version >= first_version_with_leases) found.leases = running_leases(database, now);
    return found;
}

[[nodiscard]] Result<StoreStatus, std::string> read(Database& database, StoreStatus status,
                                                    Millis now)
{
    Transaction snapshot(database, Transaction::Kind::snapshot);
    const auto found = schema_version(database);
    if (!found) return {boost::system::in_place_error, found.error()};
    status.version = found->version;
    status.usable_from = found->usable_from;
    if (found->version > 0) status.contents = contents(database, found->version, now);
    return status;
}

} // namespace

Result<StoreStatus, std::string> status_of(const fs::path& given, Millis now)
{
    using Found = Result<StoreStatus, std::string>;
    const auto path = fs::absolute(given);
    const auto fail = [&](const std::string& why) {
        return Found(boost::system::in_place_error, path.string() + ": " + why);
    };
    StoreStatus status;
    status.kind = "SQLite";
    status.known_version = newest_schema_version();
    std::error_code ignored;
    if (!fs::exists(path, ignored)) return status;
    try {
        Database database(path.string(), 500ms);
        auto found = read(database, std::move(status), now);
        return found ? std::move(found) : fail(found.error());
    } catch (const Failure& failure) {
        return fail(std::string("cannot be read: ") + failure.what());
    }
}

Result<std::optional<KeptKeys::Kept>, std::string> kept_keys_of(const fs::path& given,
                                                                std::string_view name)
{
    using Found = Result<std::optional<KeptKeys::Kept>, std::string>;
    const auto path = fs::absolute(given);
    std::error_code ignored;
    if (!fs::exists(path, ignored)) return std::optional<KeptKeys::Kept>();
    try {
        Database database(path.string(), 500ms);
        const Transaction snapshot(database, Transaction::Kind::snapshot);
        const auto version = schema_version(database);
        if (!version) return Found(boost::system::in_place_error, version.error());
        if (version->version < first_version_with_kept_keys) return std::optional<KeptKeys::Kept>();
        auto row = database.query("SELECT version, bytes FROM kept_keys WHERE name = ?1", name);
        if (!row.next()) return std::optional<KeptKeys::Kept>();
        return std::optional(
            KeptKeys::Kept{static_cast<std::uint64_t>(row.integer(0)), row.blob(1)});
    } catch (const Failure& failure) {
        return Found(boost::system::in_place_error,
                     path.string() + ": cannot be read: " + failure.what());
    }
}

} // namespace gatehouse::auth::sqlite
