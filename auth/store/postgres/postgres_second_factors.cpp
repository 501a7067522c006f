#include "auth/store/postgres/postgres_store.hpp"
#include "auth/store/postgres/records.hpp"
#include "config/basics/enforced.hpp"

namespace gatehouse::auth::postgres {
namespace {

void replace_codes(Connection& connection, std::string_view user,
                   std::span<const std::string> digests)
{
    connection.run("DELETE FROM gatehouse.recovery_codes WHERE user_id = $1", user);
    for (const auto& digest : digests) {
        connection.run("INSERT INTO gatehouse.recovery_codes VALUES ($1, $2)", user, digest);
    }
}

} // namespace

Result<std::optional<SecondFactor>, StoreError>
PostgresStore::find_second_factor(std::string_view user_id)
{
    using Found = Result<std::optional<SecondFactor>, StoreError>;
    return pool_->run(Access::statement, [&](Connection& connection) -> Found {
        auto row =
            connection.query("SELECT sealed, in_force, created, last_used, (SELECT count(*) FROM "
                             "gatehouse.recovery_codes AS codes WHERE codes.user_id = $1) "
                             "FROM gatehouse.second_factors WHERE user_id = $1",
                             user_id);
        if (!row.next()) return std::optional<SecondFactor>();
        return std::optional(SecondFactor{row.bytes(0), row.boolean(1), row.seconds(2),
                                          row.integer(3),
                                          static_cast<std::size_t>(row.integer(4))});
    });
}

Result<void, StoreError> PostgresStore::begin_second_factor(std::string_view user_id,
                                                            std::string_view sealed, Seconds now)
{
    return pool_->run(Access::write, [&](Connection& connection) -> Result<void, StoreError> {
        const auto blocked = lock_user(connection, user_id);
        if (!blocked) return StoreError::not_found;
        if (*blocked) return StoreError::blocked;
        const auto begun = connection.run(
            "INSERT INTO gatehouse.second_factors AS it (user_id, sealed, in_force, created, "
            "last_used) VALUES ($1, $2, false, $3, -1) ON CONFLICT (user_id) DO UPDATE SET "
            "sealed = excluded.sealed, created = excluded.created WHERE NOT it.in_force",
            user_id, sealed, now);
        if (begun == 0) return StoreError::name_taken;
        return {};
    });
}

Result<bool, StoreError>
PostgresStore::confirm_second_factor(std::string_view user_id, std::string_view sealed,
                                     TotpStep step, std::span<const std::string> code_digests,
                                     const Deed& deed)
{
    Elsewhere elsewhere(home_);
    return pool_->run(Access::write, [&](Connection& connection) -> Result<bool, StoreError> {
        const auto may = may_ask(connection, elsewhere, user_id, deed);
        if (!may) return may.error();
        if (!*may && !deed.asker.empty()) return StoreError::not_found;
        if (connection.run("UPDATE gatehouse.second_factors SET in_force = true, last_used = $3 "
                           "WHERE user_id = $1 AND sealed = $2 AND NOT in_force",
                           user_id, sealed, step) == 0) {
            return false;
        }
        replace_codes(connection, user_id, code_digests);
        keep_record(connection, deed.record);
        return true;
    });
}

Result<bool, StoreError> PostgresStore::use_totp(std::string_view user_id, std::string_view sealed,
                                                 TotpStep step, std::string_view resealed,
                                                 const std::optional<GoodOnce>& ticket)
{
    return pool_->run(Access::write, [&](Connection& connection) -> Result<bool, StoreError> {
        std::string sql = "UPDATE gatehouse.second_factors SET last_used = $3, sealed = $4 "
                          "WHERE user_id = $1 AND sealed = $2 AND in_force";
        if (enforced("postgres_store.totp_once")) sql += " AND last_used < $3";
        if (connection.run(sql, user_id, sealed, step, resealed) == 0) return false;
        const bool taken = !ticket || spend_once(connection, *ticket);
        // As with a recovery code: an error undoes it.
        if (enforced("postgres_store.totp_ticket_once") && !taken) return StoreError::already_used;
        return true;
    });
}

Result<bool, StoreError> PostgresStore::use_recovery_code(std::string_view user_id,
                                                          std::string_view digest, const Deed& deed)
{
    return pool_->run(Access::write, [&](Connection& connection) -> Result<bool, StoreError> {
        constexpr std::string_view spend =
            "DELETE FROM gatehouse.recovery_codes WHERE user_id = $1 AND digest = $2";
        constexpr std::string_view look =
            "UPDATE gatehouse.recovery_codes SET digest = $2 WHERE user_id = $1 AND digest = $2";
        const auto sql = enforced("postgres_store.recovery_code_once") ? spend : look;
        if (connection.run(sql, user_id, digest) == 0) return false;
        const bool taken = !deed.ticket || spend_once(connection, *deed.ticket);
        // An error undoes what was done so far: the code is there for another login.
        if (enforced("postgres_store.ticket_once") && !taken) return StoreError::already_used;
        keep_record(connection, deed.record);
        return true;
    });
}

Result<bool, StoreError>
PostgresStore::replace_recovery_codes(std::string_view user_id,
                                      std::span<const std::string> code_digests, const Deed& deed)
{
    return pool_->run(Access::write, [&](Connection& connection) -> Result<bool, StoreError> {
        // Locked: the codes are those of one call, also when two come at once.
        const bool in_force =
            connection
                .query("SELECT 1 FROM gatehouse.second_factors WHERE user_id = $1 AND in_force "
                       "FOR UPDATE",
                       user_id)
                .next();
        if (!in_force) return false;
        replace_codes(connection, user_id, code_digests);
        keep_record(connection, deed.record);
        return true;
    });
}

Result<bool, StoreError> PostgresStore::remove_second_factor(std::string_view user_id,
                                                             const Deed& deed)
{
    return pool_->run(Access::write, [&](Connection& connection) -> Result<bool, StoreError> {
        const auto removed = connection.run(
            "DELETE FROM gatehouse.second_factors WHERE user_id = $1 AND in_force", user_id);
        connection.run("DELETE FROM gatehouse.second_factors WHERE user_id = $1", user_id);
        connection.run("DELETE FROM gatehouse.recovery_codes WHERE user_id = $1", user_id);
        if (removed > 0) keep_record(connection, deed.record);
        return removed > 0;
    });
}

} // namespace gatehouse::auth::postgres
