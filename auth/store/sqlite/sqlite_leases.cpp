#include "auth/store/sqlite/sqlite_store.hpp"

namespace gatehouse::auth::sqlite {

Result<bool, StoreError> SqliteStore::take_lease(std::string_view name, std::string_view holder,
                                                 Millis now, Millis until)
{
    return writer_.run([name = std::string(name), holder = std::string(holder), now,
                        until](Database& database) -> Result<bool, StoreError> {
        return database.run("INSERT INTO leases AS held (name, holder, until_ms) "
                            "VALUES (?1, ?2, ?4) ON CONFLICT (name) DO UPDATE "
                            "SET holder = ?2, until_ms = max(held.until_ms, ?4) "
                            "WHERE held.holder = ?2 OR held.until_ms <= ?3",
                            name, holder, now, until) > 0;
    });
}

Result<void, StoreError> SqliteStore::give_up_lease(std::string_view name, std::string_view holder,
                                                    Millis now)
{
    return writer_.run([name = std::string(name), holder = std::string(holder),
                        now](Database& database) -> Result<void, StoreError> {
        database.run("UPDATE leases SET until_ms = min(until_ms, ?3) "
                     "WHERE name = ?1 AND holder = ?2",
                     name, holder, now);
        return {};
    });
}

Result<std::vector<Leases::Lease>, StoreError> SqliteStore::list_leases()
{
    return readers_.run([](Database& database) -> Result<std::vector<Lease>, StoreError> {
        auto rows = database.query("SELECT name, holder, until_ms FROM leases ORDER BY name");
        std::vector<Lease> all;
        while (rows.next()) all.push_back({rows.text(0), rows.text(1), rows.millis(2)});
        return all;
    });
}

} // namespace gatehouse::auth::sqlite
