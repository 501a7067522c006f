#include "auth/store/sqlite/records.hpp"
#include "auth/store/sqlite/sqlite_store.hpp"
#include "config/basics/enforced.hpp"

namespace gatehouse::auth::sqlite {
namespace {

using Digests = std::vector<std::string>;

[[nodiscard]] Result<void, StoreError> begin(Database& database, const std::string& user,
                                             const std::string& sealed, Seconds now)
{
    auto owner = database.query("SELECT blocked FROM users WHERE id = ?1", user);
    if (!owner.next()) return StoreError::not_found;
    if (owner.integer(0) != 0) return StoreError::blocked;
    const auto begun = database.run(
        "INSERT INTO second_factors (user_id, sealed, in_force, created, last_used) "
        "VALUES (?1, ?2, 0, ?3, -1) ON CONFLICT (user_id) DO UPDATE SET sealed = ?2, created = ?3 "
        "WHERE NOT in_force",
        user, Blob{sealed}, now);
    if (begun == 0) return StoreError::name_taken;
    return {};
}

void replace_codes(Database& database, const std::string& user, const Digests& digests)
{
    database.run("DELETE FROM recovery_codes WHERE user_id = ?1", user);
    for (const auto& digest : digests) {
        database.run("INSERT INTO recovery_codes VALUES (?1, ?2)", user, Blob{digest});
    }
}

} // namespace

Result<std::optional<SecondFactor>, StoreError>
SqliteStore::find_second_factor(std::string_view user_id)
{
    using Found = Result<std::optional<SecondFactor>, StoreError>;
    return readers_.run([&](Database& database) -> Found {
        auto row = database.query("SELECT sealed, in_force, created, last_used, (SELECT count(*) "
                                  "FROM recovery_codes WHERE user_id = ?1) "
                                  "FROM second_factors WHERE user_id = ?1",
                                  user_id);
        if (!row.next()) return std::optional<SecondFactor>();
        return std::optional(SecondFactor{row.blob(0), row.integer(1) != 0, row.seconds(2),
                                          row.integer(3),
                                          static_cast<std::size_t>(row.integer(4))});
    });
}

Result<void, StoreError> SqliteStore::begin_second_factor(std::string_view user_id,
                                                          std::string_view sealed, Seconds now)
{
    return writer_.run([user = std::string(user_id), sealed = std::string(sealed),
                        now](Database& database) { return begin(database, user, sealed, now); });
}

Result<bool, StoreError>
SqliteStore::confirm_second_factor(std::string_view user_id, std::string_view sealed, TotpStep step,
                                   std::span<const std::string> code_digests, const Deed& deed)
{
    return writer_.run([this, user = std::string(user_id), sealed = std::string(sealed), step,
                        digests = Digests(code_digests.begin(), code_digests.end()),
                        deed](Database& database) -> Result<bool, StoreError> {
        const auto may = may_ask(database, home_, deed);
        if (!may) return may.error();
        if (!*may) return StoreError::not_found;
        if (database.run("UPDATE second_factors SET in_force = 1, last_used = ?3 "
                         "WHERE user_id = ?1 AND sealed = ?2 AND NOT in_force",
                         user, Blob{sealed}, step) == 0) {
            return false;
        }
        replace_codes(database, user, digests);
        keep_record(database, deed.record);
        return true;
    });
}

Result<bool, StoreError> SqliteStore::use_totp(std::string_view user_id, std::string_view sealed,
                                               TotpStep step, std::string_view resealed,
                                               const std::optional<GoodOnce>& ticket)
{
    return writer_.run([user = std::string(user_id), sealed = std::string(sealed), step,
                        resealed = std::string(resealed),
                        ticket](Database& database) -> Result<bool, StoreError> {
        std::string sql = "UPDATE second_factors SET last_used = ?3, sealed = ?4 "
                          "WHERE user_id = ?1 AND sealed = ?2 AND in_force";
        if (enforced("sqlite_store.totp_once")) sql += " AND last_used < ?3";
        if (database.run(sql, user, Blob{sealed}, step, Blob{resealed}) == 0) return false;
        const bool taken = !ticket || spend_once(database, *ticket);
        // As with a recovery code: an error undoes it.
        if (enforced("sqlite_store.totp_ticket_once") && !taken) return StoreError::already_used;
        return true;
    });
}

Result<bool, StoreError> SqliteStore::use_recovery_code(std::string_view user_id,
                                                        std::string_view digest, const Deed& deed)
{
    return writer_.run([user = std::string(user_id), digest = std::string(digest),
                        deed](Database& database) -> Result<bool, StoreError> {
        constexpr std::string_view spend =
            "DELETE FROM recovery_codes WHERE user_id = ?1 AND digest = ?2";
        constexpr std::string_view look =
            "UPDATE recovery_codes SET digest = ?2 WHERE user_id = ?1 AND digest = ?2";
        const auto sql = enforced("sqlite_store.recovery_code_once") ? spend : look;
        if (database.run(sql, user, Blob{digest}) == 0) return false;
        const bool taken = !deed.ticket || spend_once(database, *deed.ticket);
        // An error undoes what was done so far: the code is there for another login.
        if (enforced("sqlite_store.ticket_once") && !taken) return StoreError::already_used;
        keep_record(database, deed.record);
        return true;
    });
}

Result<bool, StoreError>
SqliteStore::replace_recovery_codes(std::string_view user_id,
                                    std::span<const std::string> code_digests, const Deed& deed)
{
    return writer_.run([user = std::string(user_id),
                        digests = Digests(code_digests.begin(), code_digests.end()),
                        deed](Database& database) -> Result<bool, StoreError> {
        const bool in_force =
            database.query("SELECT 1 FROM second_factors WHERE user_id = ?1 AND in_force", user)
                .next();
        if (!in_force) return false;
        replace_codes(database, user, digests);
        keep_record(database, deed.record);
        return true;
    });
}

Result<bool, StoreError> SqliteStore::remove_second_factor(std::string_view user_id,
                                                           const Deed& deed)
{
    return writer_.run(
        [user = std::string(user_id), deed](Database& database) -> Result<bool, StoreError> {
            const auto removed =
                database.run("DELETE FROM second_factors WHERE user_id = ?1 AND in_force", user);
            database.run("DELETE FROM second_factors WHERE user_id = ?1", user);
            database.run("DELETE FROM recovery_codes WHERE user_id = ?1", user);
            if (removed > 0) keep_record(database, deed.record);
            return removed > 0;
        });
}

} // namespace gatehouse::auth::sqlite
