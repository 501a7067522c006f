#include "auth/store/postgres/postgres_store.hpp"
#include "auth/store/postgres/records.hpp"
#include "config/basics/enforced.hpp"

namespace gatehouse::auth::postgres {

namespace {

[[nodiscard]] bool replace(Connection& connection, std::string_view name, std::uint64_t expected,
                           std::string_view bytes)
{
    if (expected == 0) {
        return connection.run("INSERT INTO gatehouse.kept_keys (name, version, bytes) "
                              "VALUES ($1, 1, $2) ON CONFLICT (name) DO NOTHING",
                              name, bytes) > 0;
    }
    std::string sql = "UPDATE gatehouse.kept_keys SET version = $2::bigint + 1, bytes = $3 "
                      "WHERE name = $1";
    if (enforced("postgres_store.keys_as_expected")) sql += " AND version = $2::bigint";
    return connection.run(sql, name, expected, bytes) > 0;
}

} // namespace

Result<std::optional<KeptKeys::Kept>, StoreError> PostgresStore::read_keys(std::string_view name)
{
    using Found = Result<std::optional<Kept>, StoreError>;
    return pool_->run(Access::statement, [&](Connection& connection) -> Found {
        auto row = connection.query(
            "SELECT version, bytes FROM gatehouse.kept_keys WHERE name = $1", name);
        if (!row.next()) return std::nullopt;
        return Kept{static_cast<std::uint64_t>(row.integer(0)), row.bytes(1)};
    });
}

Result<bool, StoreError> PostgresStore::replace_keys(std::string_view name, std::uint64_t expected,
                                                     std::string_view bytes, Millis now)
{
    return pool_->run(Access::write, [&](Connection& connection) -> Result<bool, StoreError> {
        if (!replace(connection, name, expected, bytes)) return false;
        add_change(connection, ChangeKind::keys_changed, {}, now);
        return true;
    });
}

} // namespace gatehouse::auth::postgres
