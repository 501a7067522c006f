#include "auth/store/postgres/postgres_store.hpp"

namespace gatehouse::auth::postgres {

Result<void, StoreError> PostgresStore::report(const Entry& entry)
{
    return pool_->run(Access::write, [&](Connection& connection) -> Result<void, StoreError> {
        connection.run("INSERT INTO gatehouse.replicas AS known (id, applied, beat) "
                       "VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE "
                       "SET applied = excluded.applied, beat = excluded.beat "
                       "WHERE known.beat < excluded.beat",
                       entry.replica, entry.applied, entry.beat);
        return {};
    });
}

Result<ReplicaBook::Page, StoreError> PostgresStore::replicas()
{
    return pool_->run(Access::statement, [](Connection& connection) -> Result<Page, StoreError> {
        // One statement, so one snapshot; and one way to the server and back.
        auto rows = connection.query("SELECT last, id, applied, beat FROM gatehouse.feed "
                                     "LEFT JOIN gatehouse.replicas ON true");
        Page page;
        while (rows.next()) {
            page.newest = static_cast<std::uint64_t>(rows.integer(0));
            if (rows.is_null(1)) continue;
            page.entries.push_back({rows.bytes(1), static_cast<std::uint64_t>(rows.integer(2)),
                                    static_cast<std::uint64_t>(rows.integer(3))});
        }
        return page;
    });
}

Result<void, StoreError> PostgresStore::strike_out(std::string_view replica, std::uint64_t beat)
{
    return pool_->run(Access::write, [&](Connection& connection) -> Result<void, StoreError> {
        connection.run("DELETE FROM gatehouse.replicas WHERE id = $1 AND beat = $2", replica, beat);
        return {};
    });
}

} // namespace gatehouse::auth::postgres
