#include "auth/store/sqlite/records.hpp"
#include "auth/store/sqlite/sqlite_store.hpp"
#include "auth/store/string_list.hpp"
#include "config/basics/enforced.hpp"

#include <utility>

namespace gatehouse::auth::sqlite {
namespace {

[[nodiscard]] std::string select_passkeys(std::string_view rest)
{
    return std::string("SELECT id, user_id, name, cose_key, aaguid, transports, sign_count, "
                       "backup_eligible, backed_up, created, used_at FROM passkeys ")
        .append(rest);
}

[[nodiscard]] Passkey passkey_from(const Rows& row)
{
    Passkey passkey;
    passkey.id = row.blob(0);
    passkey.user_id = row.text(1);
    passkey.name = row.text(2);
    passkey.cose_key = row.blob(3);
    passkey.aaguid = row.blob(4);
    passkey.transports = split_list(row.text(5));
    passkey.sign_count = static_cast<std::uint32_t>(row.integer(6));
    passkey.backup_eligible = row.integer(7) != 0;
    passkey.backed_up = row.integer(8) != 0;
    passkey.created = row.seconds(9);
    if (!row.is_null(10)) passkey.used_at = row.seconds(10);
    return passkey;
}

[[nodiscard]] Result<void, StoreError> create(Database& database, const Passkey& passkey,
                                              std::size_t most)
{
    auto owner = database.query("SELECT blocked FROM users WHERE id = ?1", passkey.user_id);
    if (!owner.next()) return StoreError::not_found;
    if (owner.integer(0) != 0) return StoreError::blocked;
    auto others =
        database.query("SELECT count(*) FROM passkeys WHERE user_id = ?1", passkey.user_id);
    const bool is_full = others.next() && std::cmp_greater_equal(others.integer(0), most);
    if (enforced("sqlite_store.passkey_room") && is_full) return StoreError::too_many_passkeys;
    const auto inserted = database.run(
        "INSERT INTO passkeys (id, user_id, name, cose_key, aaguid, transports, sign_count, "
        "backup_eligible, backed_up, created) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) "
        "ON CONFLICT (id) DO NOTHING",
        Blob{passkey.id}, passkey.user_id, passkey.name, Blob{passkey.cose_key},
        Blob{passkey.aaguid}, join_list(passkey.transports), passkey.sign_count,
        passkey.backup_eligible, passkey.backed_up, passkey.created);
    if (inserted == 0) return StoreError::name_taken;
    return {};
}

} // namespace

bool spend_once(Database& database, const GoodOnce& ticket)
{
    return database.run("INSERT INTO spent VALUES (?1, ?2) ON CONFLICT (digest) DO NOTHING",
                        Blob{ticket.digest}, ticket.expires_at) > 0;
}

Result<void, StoreError> SqliteStore::create_passkey(const Passkey& passkey, std::size_t most,
                                                     const Deed& deed)
{
    return writer_.run([this, passkey, most, deed](Database& database) -> Result<void, StoreError> {
        const auto may = may_ask(database, home_, deed);
        if (!may) return may.error();
        if (!*may) return StoreError::not_found;
        auto created = create(database, passkey, most);
        if (created) keep_record(database, deed.record);
        return created;
    });
}

Result<std::optional<Passkey>, StoreError> SqliteStore::find_passkey(std::string_view id)
{
    return readers_.run([&](Database& database) -> Result<std::optional<Passkey>, StoreError> {
        static const auto sql = select_passkeys("WHERE id = ?1");
        auto row = database.query(sql, Blob{id});
        if (!row.next()) return std::optional<Passkey>();
        return std::optional(passkey_from(row));
    });
}

Result<std::vector<Passkey>, StoreError> SqliteStore::passkeys_of(std::string_view user_id)
{
    return readers_.run([&](Database& database) -> Result<std::vector<Passkey>, StoreError> {
        static const auto sql = select_passkeys("WHERE user_id = ?1 ORDER BY created, id");
        auto rows = database.query(sql, user_id);
        std::vector<Passkey> all;
        while (rows.next()) all.push_back(passkey_from(rows));
        return all;
    });
}

Result<bool, StoreError> SqliteStore::use_passkey(std::string_view id,
                                                  const passkeys::UsedCredential& used, Seconds at)
{
    return writer_.run([id = std::string(id), used,
                        at](Database& database) -> Result<bool, StoreError> {
        return database.run("UPDATE passkeys SET sign_count = ?2, backed_up = ?3, "
                            "used_at = max(coalesce(used_at, ?4), ?4) "
                            "WHERE id = ?1 AND (sign_count < ?2 OR (sign_count = 0 AND ?2 = 0))",
                            Blob{id}, used.sign_count, used.backed_up, at) > 0;
    });
}

Result<bool, StoreError> SqliteStore::rename_passkey(std::string_view id, std::string_view user_id,
                                                     std::string_view name, const Deed& deed)
{
    return writer_.run([id = std::string(id), user = std::string(user_id), name = std::string(name),
                        deed](Database& database) -> Result<bool, StoreError> {
        if (database.run("UPDATE passkeys SET name = ?3 WHERE id = ?1 AND user_id = ?2", Blob{id},
                         user, name) == 0) {
            return false;
        }
        keep_record(database, deed.record);
        return true;
    });
}

Result<PasskeyStore::Removal, StoreError>
SqliteStore::delete_passkey(std::string_view id, std::string_view user_id, const Deed& deed)
{
    return writer_.run([id = std::string(id), user = std::string(user_id),
                        deed](Database& database) -> Result<Removal, StoreError> {
        const bool known =
            database.query("SELECT 1 FROM passkeys WHERE id = ?1 AND user_id = ?2", Blob{id}, user)
                .next();
        if (!known) return Removal::unknown;
        const bool has_another =
            database
                .query("SELECT 1 FROM users WHERE id = ?1 AND (password_hash <> '' OR EXISTS "
                       "(SELECT 1 FROM passkeys WHERE user_id = ?1 AND id <> ?2))",
                       user, Blob{id})
                .next();
        if (!has_another) return Removal::last_way_in;
        database.run("DELETE FROM passkeys WHERE id = ?1", Blob{id});
        keep_record(database, deed.record);
        return Removal::done;
    });
}

Result<bool, StoreError> SqliteStore::spend(std::string_view digest, Seconds expires_at)
{
    return writer_.run([ticket = GoodOnce{std::string(digest), expires_at}](Database& database)
                           -> Result<bool, StoreError> { return spend_once(database, ticket); });
}

} // namespace gatehouse::auth::sqlite
