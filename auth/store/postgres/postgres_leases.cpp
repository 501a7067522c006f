#include "auth/store/postgres/postgres_store.hpp"

namespace gatehouse::auth::postgres {

Result<bool, StoreError> PostgresStore::take_lease(std::string_view name, std::string_view holder,
                                                   Millis now, Millis until)
{
    return pool_->run(Access::write, [&](Connection& connection) -> Result<bool, StoreError> {
        return connection.run("INSERT INTO gatehouse.leases AS held (name, holder, until_ms) "
                              "VALUES ($1, $2, $4::bigint) ON CONFLICT (name) DO UPDATE "
                              "SET holder = $2, until_ms = greatest(held.until_ms, $4::bigint) "
                              "WHERE held.holder = $2 OR held.until_ms <= $3",
                              name, holder, now, until) > 0;
    });
}

Result<void, StoreError> PostgresStore::give_up_lease(std::string_view name,
                                                      std::string_view holder, Millis now)
{
    return pool_->run(Access::write, [&](Connection& connection) -> Result<void, StoreError> {
        connection.run("UPDATE gatehouse.leases SET until_ms = least(until_ms, $3::bigint) "
                       "WHERE name = $1 AND holder = $2",
                       name, holder, now);
        return {};
    });
}

Result<std::vector<Leases::Lease>, StoreError> PostgresStore::list_leases()
{
    using Found = Result<std::vector<Lease>, StoreError>;
    return pool_->run(Access::statement, [](Connection& connection) -> Found {
        auto rows =
            connection.query("SELECT name, holder, until_ms FROM gatehouse.leases ORDER BY name");
        std::vector<Lease> all;
        while (rows.next()) all.push_back({rows.bytes(0), rows.bytes(1), rows.millis(2)});
        return all;
    });
}

} // namespace gatehouse::auth::postgres
