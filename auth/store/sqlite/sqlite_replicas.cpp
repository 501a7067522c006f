#include "auth/store/sqlite/sqlite_store.hpp"

namespace gatehouse::auth::sqlite {

Result<void, StoreError> SqliteStore::report(const Entry& entry)
{
    return writer_.run([&](Database& database) -> Result<void, StoreError> {
        database.run("INSERT INTO replicas (id, applied, beat) VALUES (?1, ?2, ?3) "
                     "ON CONFLICT (id) DO UPDATE SET applied = excluded.applied, "
                     "beat = excluded.beat WHERE replicas.beat < excluded.beat",
                     entry.replica, entry.applied, entry.beat);
        return {};
    });
}

Result<ReplicaBook::Page, StoreError> SqliteStore::replicas()
{
    return readers_.run([](Database& database) -> Result<Page, StoreError> {
        Page page;
        page.newest = static_cast<std::uint64_t>(
            database.integer("SELECT coalesce(max(seq), 0) FROM sqlite_sequence "
                             "WHERE name = 'changes'"));
        auto rows = database.query("SELECT id, applied, beat FROM replicas");
        while (rows.next()) {
            page.entries.push_back({rows.text(0), static_cast<std::uint64_t>(rows.integer(1)),
                                    static_cast<std::uint64_t>(rows.integer(2))});
        }
        return page;
    });
}

Result<void, StoreError> SqliteStore::strike_out(std::string_view replica, std::uint64_t beat)
{
    return writer_.run([&](Database& database) -> Result<void, StoreError> {
        database.run("DELETE FROM replicas WHERE id = ?1 AND beat = ?2", replica, beat);
        return {};
    });
}

} // namespace gatehouse::auth::sqlite
