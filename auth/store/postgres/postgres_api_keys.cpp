#include "auth/store/postgres/postgres_store.hpp"
#include "auth/store/postgres/records.hpp"
#include "auth/store/string_list.hpp"

namespace gatehouse::auth::postgres {

namespace {

using Keys = Result<std::vector<ApiKey>, StoreError>;

[[nodiscard]] std::string select_api_keys(std::string_view rest)
{
    return std::string("SELECT k.id, k.user_id, k.name, k.digest, k.scopes, k.created, "
                       "k.expires_at, k.used_at, k.revoked_ms, u.roles FROM gatehouse.api_keys "
                       "AS k JOIN gatehouse.users AS u ON u.id = k.user_id ")
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
    key.id = row.bytes(0);
    key.user_id = row.bytes(1);
    key.name = row.bytes(2);
    key.digest = row.bytes(3);
    key.scopes = split_list(row.bytes(4));
    key.created = row.seconds(5);
    key.expires_at = optional_seconds(row, 6);
    key.used_at = optional_seconds(row, 7);
    key.revoked_at = row.optional_millis(8);
    key.roles = split_list(row.bytes(9));
    return key;
}

[[nodiscard]] std::vector<ApiKey> all_of(Rows rows)
{
    std::vector<ApiKey> keys;
    while (rows.next()) keys.push_back(api_key_from(rows));
    return keys;
}

} // namespace

Result<void, StoreError> PostgresStore::create_api_key(const ApiKey& key, const Deed& deed)
{
    return pool_->run(Access::write, [&](Connection& connection) -> Result<void, StoreError> {
        const auto blocked = lock_user(connection, key.user_id);
        if (!blocked) return StoreError::not_found;
        if (*blocked) return StoreError::blocked;
        if (connection.run("INSERT INTO gatehouse.api_keys "
                           "(id, user_id, name, digest, scopes, created, expires_at) "
                           "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING",
                           key.id, key.user_id, key.name, key.digest, join_list(key.scopes),
                           key.created, key.expires_at) == 0) {
            return StoreError::unavailable;
        }
        keep_record(connection, deed.record);
        add_change(connection, ChangeKind::api_key_created, key.id, deed.at);
        return {};
    });
}

Result<std::optional<ApiKey>, StoreError> PostgresStore::find_api_key(std::string_view id)
{
    using Found = Result<std::optional<ApiKey>, StoreError>;
    return pool_->run(Access::statement, [&](Connection& connection) -> Found {
        static const auto sql = select_api_keys("WHERE k.id = $1");
        auto row = connection.query(sql, id);
        if (!row.next()) return std::optional<ApiKey>();
        return std::optional(api_key_from(row));
    });
}

Result<std::vector<ApiKey>, StoreError> PostgresStore::list_api_keys(std::string_view after,
                                                                     std::size_t limit)
{
    return pool_->run(Access::statement, [&](Connection& connection) -> Keys {
        static const auto sql = select_api_keys("WHERE k.id > $1 ORDER BY k.id LIMIT $2");
        return all_of(connection.query(sql, after, limit));
    });
}

Result<std::vector<ApiKey>, StoreError> PostgresStore::api_keys_of(std::string_view user_id)
{
    return pool_->run(Access::statement, [&](Connection& connection) -> Keys {
        static const auto sql = select_api_keys("WHERE k.user_id = $1 ORDER BY k.created, k.id");
        return all_of(connection.query(sql, user_id));
    });
}

Result<bool, StoreError> PostgresStore::revoke_api_key(std::string_view id, const Deed& deed)
{
    return pool_->run(Access::write, [&](Connection& connection) -> Result<bool, StoreError> {
        if (connection.run("UPDATE gatehouse.api_keys SET revoked_ms = $2 "
                           "WHERE id = $1 AND revoked_ms IS NULL",
                           id, deed.at) == 0) {
            return false;
        }
        keep_record(connection, deed.record);
        add_change(connection, ChangeKind::api_key_revoked, id, deed.at);
        return true;
    });
}

Result<void, StoreError> PostgresStore::note_api_keys_used(std::span<const std::string> ids,
                                                           Seconds at)
{
    return pool_->run(Access::write, [&](Connection& connection) -> Result<void, StoreError> {
        // Rows that somebody holds are somebody else's to note, or are being revoked: whoever
        // waits for none of many rows is part of no deadlock.
        connection.run("UPDATE gatehouse.api_keys SET used_at = $2 WHERE id IN "
                       "(SELECT id FROM gatehouse.api_keys WHERE id = ANY ($1::bytea[]) "
                       "AND (used_at IS NULL OR used_at < $2) FOR UPDATE SKIP LOCKED)",
                       ids, at);
        return {};
    });
}

} // namespace gatehouse::auth::postgres
