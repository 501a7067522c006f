#include "auth/store/postgres/postgres_store.hpp"
#include "auth/store/postgres/records.hpp"
#include "auth/store/string_list.hpp"
#include "config/basics/enforced.hpp"

#include <utility>

namespace gatehouse::auth::postgres {
namespace {

[[nodiscard]] std::string select_passkeys(std::string_view rest)
{
    return std::string("SELECT id, user_id, name, cose_key, aaguid, transports, sign_count, "
                       "backup_eligible, backed_up, created, used_at FROM gatehouse.passkeys ")
        .append(rest);
}

[[nodiscard]] Passkey passkey_from(const Rows& row)
{
    Passkey passkey;
    passkey.id = row.bytes(0);
    passkey.user_id = row.bytes(1);
    passkey.name = row.bytes(2);
    passkey.cose_key = row.bytes(3);
    passkey.aaguid = row.bytes(4);
    passkey.transports = split_list(row.bytes(5));
    passkey.sign_count = static_cast<std::uint32_t>(row.integer(6));
    passkey.backup_eligible = row.boolean(7);
    passkey.backed_up = row.boolean(8);
    passkey.created = row.seconds(9);
    if (!row.is_null(10)) passkey.used_at = row.seconds(10);
    return passkey;
}

} // namespace

bool spend_once(Connection& connection, const GoodOnce& ticket)
{
    return connection.run("INSERT INTO gatehouse.spent VALUES ($1, $2) "
                          "ON CONFLICT (digest) DO NOTHING",
                          ticket.digest, ticket.expires_at) > 0;
}

Result<void, StoreError> PostgresStore::create_passkey(const Passkey& passkey, std::size_t most,
                                                       const Deed& deed)
{
    Elsewhere elsewhere(home_);
    return pool_->run(Access::write, [&](Connection& connection) -> Result<void, StoreError> {
        const auto may = may_ask(connection, elsewhere, passkey.user_id, deed);
        if (!may) return may.error();
        const auto blocked = lock_user(connection, passkey.user_id);
        if (!*may || !blocked) return StoreError::not_found;
        if (*blocked) return StoreError::blocked;
        auto others = connection.query("SELECT count(*) FROM gatehouse.passkeys WHERE user_id = $1",
                                       passkey.user_id);
        const bool is_full = others.next() && std::cmp_greater_equal(others.integer(0), most);
        if (enforced("postgres_store.passkey_room") && is_full) {
            return StoreError::too_many_passkeys;
        }
        if (connection.run("INSERT INTO gatehouse.passkeys (id, user_id, name, cose_key, aaguid, "
                           "transports, sign_count, backup_eligible, backed_up, created) "
                           "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) "
                           "ON CONFLICT (id) DO NOTHING",
                           passkey.id, passkey.user_id, passkey.name, passkey.cose_key,
                           passkey.aaguid, join_list(passkey.transports), passkey.sign_count,
                           passkey.backup_eligible, passkey.backed_up, passkey.created) == 0) {
            return StoreError::name_taken;
        }
        keep_record(connection, deed.record);
        return {};
    });
}

Result<std::optional<Passkey>, StoreError> PostgresStore::find_passkey(std::string_view id)
{
    using Found = Result<std::optional<Passkey>, StoreError>;
    return pool_->run(Access::statement, [&](Connection& connection) -> Found {
        static const auto sql = select_passkeys("WHERE id = $1");
        auto row = connection.query(sql, id);
        if (!row.next()) return std::optional<Passkey>();
        return std::optional(passkey_from(row));
    });
}

Result<std::vector<Passkey>, StoreError> PostgresStore::passkeys_of(std::string_view user_id)
{
    using All = Result<std::vector<Passkey>, StoreError>;
    return pool_->run(Access::statement, [&](Connection& connection) -> All {
        static const auto sql = select_passkeys("WHERE user_id = $1 ORDER BY created, id");
        auto rows = connection.query(sql, user_id);
        std::vector<Passkey> all;
        while (rows.next()) all.push_back(passkey_from(rows));
        return all;
    });
}

Result<bool, StoreError>
PostgresStore::use_passkey(std::string_view id, const passkeys::UsedCredential& used, Seconds at)
{
    return pool_->run(Access::write, [&](Connection& connection) -> Result<bool, StoreError> {
        return connection.run("UPDATE gatehouse.passkeys SET sign_count = $2, backed_up = $3, "
                              "used_at = greatest(used_at, $4) WHERE id = $1 "
                              "AND (sign_count < $2 OR (sign_count = 0 AND $2 = 0))",
                              id, used.sign_count, used.backed_up, at) > 0;
    });
}

Result<bool, StoreError> PostgresStore::rename_passkey(std::string_view id,
                                                       std::string_view user_id,
                                                       std::string_view name, const Deed& deed)
{
    return pool_->run(Access::write, [&](Connection& connection) -> Result<bool, StoreError> {
        if (connection.run("UPDATE gatehouse.passkeys SET name = $3 WHERE id = $1 AND user_id = $2",
                           id, user_id, name) == 0) {
            return false;
        }
        keep_record(connection, deed.record);
        return true;
    });
}

Result<PasskeyStore::Removal, StoreError>
PostgresStore::delete_passkey(std::string_view id, std::string_view user_id, const Deed& deed)
{
    return pool_->run(Access::write, [&](Connection& connection) -> Result<Removal, StoreError> {
        // Of two that go at once neither may take the other for the one that is left.
        if (!lock_user(connection, user_id)) return Removal::unknown;
        const bool known =
            connection
                .query("SELECT 1 FROM gatehouse.passkeys WHERE id = $1 AND user_id = $2", id,
                       user_id)
                .next();
        if (!known) return Removal::unknown;
        const bool has_another =
            connection
                .query("SELECT 1 FROM gatehouse.users WHERE id = $1 AND (password_hash <> '' OR "
                       "EXISTS (SELECT 1 FROM gatehouse.passkeys WHERE user_id = $1 AND id <> $2))",
                       user_id, id)
                .next();
        if (!has_another) return Removal::last_way_in;
        connection.run("DELETE FROM gatehouse.passkeys WHERE id = $1", id);
        keep_record(connection, deed.record);
        return Removal::done;
    });
}

Result<bool, StoreError> PostgresStore::spend(std::string_view digest, Seconds expires_at)
{
    return pool_->run(Access::write, [&](Connection& connection) -> Result<bool, StoreError> {
        return spend_once(connection, {std::string(digest), expires_at});
    });
}

} // namespace gatehouse::auth::postgres
