#include "auth/store/sqlite/records.hpp"
#include "auth/store/sqlite/sqlite_store.hpp"
#include "config/basics/enforced.hpp"

namespace gatehouse::auth::sqlite {

namespace {

[[nodiscard]] bool replace(Database& database, std::string_view name, std::uint64_t expected,
                           std::string_view bytes)
{
    if (expected == 0) {
        return database.run("INSERT INTO kept_keys (name, version, bytes) VALUES (?1, 1, ?2) "
                            "ON CONFLICT (name) DO NOTHING",
                            name, Blob{bytes}) > 0;
    }
    std::string sql = "UPDATE kept_keys SET version = ?2 + 1, bytes = ?3 WHERE name = ?1";
    if (enforced("sqlite_store.keys_as_expected")) sql += " AND version = ?2";
    return database.run(sql, name, expected, Blob{bytes}) > 0;
}

} // namespace

Result<std::optional<KeptKeys::Kept>, StoreError> SqliteStore::read_keys(std::string_view name)
{
    return readers_.run([&](Database& database) -> Result<std::optional<Kept>, StoreError> {
        auto row = database.query("SELECT version, bytes FROM kept_keys WHERE name = ?1", name);
        if (!row.next()) return std::nullopt;
        return Kept{static_cast<std::uint64_t>(row.integer(0)), row.blob(1)};
    });
}

Result<bool, StoreError> SqliteStore::replace_keys(std::string_view name, std::uint64_t expected,
                                                   std::string_view bytes, Millis now)
{
    return writer_.run([name = std::string(name), expected, bytes = std::string(bytes),
                        now](Database& database) -> Result<bool, StoreError> {
        if (!replace(database, name, expected, bytes)) return false;
        add_change(database, ChangeKind::keys_changed, {}, now);
        return true;
    });
}

} // namespace gatehouse::auth::sqlite
