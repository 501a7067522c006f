#include "auth/store/sqlite/records.hpp"
#include "auth/store/sqlite/sqlite_store.hpp"
#include "auth/store/string_list.hpp"

namespace gatehouse::auth::sqlite {

namespace {

[[nodiscard]] std::string select_api_keys(std::string_view rest)
{
    return std::string("SELECT k.id, k.user_id, k.name, k.digest, k.scopes, k.created, "
                       "k.expires_at, k.used_at, k.revoked_ms, u.roles "
                       "FROM api_keys AS k JOIN users AS u ON u.id = k.user_id ")
        .append(rest);
}

[[nodiscard]] std::optional<Seconds> optional_seconds(const Rows& row, int column)
{
    if (row.is_null(column)) return std::nullopt;
    return row.seconds(column);
}

[[nodiscard]] ApiKey api_key_from(const Rows& row)
{
    ApiKey key;
    key.id = row.text(0);
    key.user_id = row.text(1);
    key.name = row.text(2);
    key.digest = row.blob(3);
    key.scopes = split_list(row.text(4));
    key.created = row.seconds(5);
    key.expires_at = optional_seconds(row, 6);
    key.used_at = optional_seconds(row, 7);
    key.revoked_at = row.optional_millis(8);
    key.roles = split_list(row.text(9));
    return key;
}

[[nodiscard]] std::vector<ApiKey> all_of(Rows rows)
{
    std::vector<ApiKey> keys;
    while (rows.next()) keys.push_back(api_key_from(rows));
    return keys;
}

[[nodiscard]] Result<void, StoreError> create(Database& database, const ApiKey& key)
{
    auto owner = database.query("SELECT blocked FROM users WHERE id = ?1", key.user_id);
    if (!owner.next()) return StoreError::not_found;
    if (owner.integer(0) != 0) return StoreError::blocked;
    const auto inserted = database.run(
        "INSERT INTO api_keys (id, user_id, name, digest, scopes, created, expires_at) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (id) DO NOTHING",
        key.id, key.user_id, key.name, Blob{key.digest}, join_list(key.scopes), key.created,
        key.expires_at);
    if (inserted == 0) return StoreError::unavailable;
    return {};
}

} // namespace

Result<void, StoreError> SqliteStore::create_api_key(const ApiKey& key, const Deed& deed)
{
    return writer_.run([key, deed](Database& database) -> Result<void, StoreError> {
        if (auto created = create(database, key); !created) return created;
        add_change(database, ChangeKind::api_key_created, key.id, deed.at);
        keep_record(database, deed.record);
        return {};
    });
}

Result<std::optional<ApiKey>, StoreError> SqliteStore::find_api_key(std::string_view id)
{
    return readers_.run([&](Database& database) -> Result<std::optional<ApiKey>, StoreError> {
        static const auto sql = select_api_keys("WHERE k.id = ?1");
        auto row = database.query(sql, id);
        if (!row.next()) return std::optional<ApiKey>();
        return std::optional(api_key_from(row));
    });
}

Result<std::vector<ApiKey>, StoreError> SqliteStore::list_api_keys(std::string_view after,
                                                                   std::size_t limit)
{
    return readers_.run([&](Database& database) -> Result<std::vector<ApiKey>, StoreError> {
        static const auto sql = select_api_keys("WHERE k.id > ?1 ORDER BY k.id LIMIT ?2");
        return all_of(database.query(sql, after, limit));
    });
}

Result<std::vector<ApiKey>, StoreError> SqliteStore::api_keys_of(std::string_view user_id)
{
    return readers_.run([&](Database& database) -> Result<std::vector<ApiKey>, StoreError> {
        static const auto sql = select_api_keys("WHERE k.user_id = ?1 ORDER BY k.created, k.id");
        return all_of(database.query(sql, user_id));
    });
}

Result<bool, StoreError> SqliteStore::revoke_api_key(std::string_view id, const Deed& deed)
{
    return writer_.run(
        [id = std::string(id), deed](Database& database) -> Result<bool, StoreError> {
            if (database.run("UPDATE api_keys SET revoked_ms = ?2 "
                             "WHERE id = ?1 AND revoked_ms IS NULL",
                             id, deed.at) == 0) {
                return false;
            }
            add_change(database, ChangeKind::api_key_revoked, id, deed.at);
            keep_record(database, deed.record);
            return true;
        });
}

Result<void, StoreError> SqliteStore::note_api_keys_used(std::span<const std::string> ids,
                                                         Seconds at)
{
    return writer_.run([ids = std::vector(ids.begin(), ids.end()),
                        at](Database& database) -> Result<void, StoreError> {
        for (const auto& id : ids) {
            database.run("UPDATE api_keys SET used_at = ?2 "
                         "WHERE id = ?1 AND (used_at IS NULL OR used_at < ?2)",
                         id, at);
        }
        return {};
    });
}

} // namespace gatehouse::auth::sqlite
