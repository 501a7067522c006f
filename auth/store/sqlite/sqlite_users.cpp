#include "auth/store/sqlite/records.hpp"
#include "auth/store/sqlite/sqlite_store.hpp"
#include "auth/store/string_list.hpp"
#include "config/basics/enforced.hpp"

namespace gatehouse::auth::sqlite {

namespace {

[[nodiscard]] bool exists(Database& database, std::string_view user_id)
{
    return database.query("SELECT 1 FROM users WHERE id = ?1", user_id).next();
}

[[nodiscard]] bool is_taken(Database& database, const std::optional<std::string>& folded_name)
{
    return folded_name &&
           database.query("SELECT 1 FROM names WHERE folded = ?1", *folded_name).next();
}

[[nodiscard]] bool is_anothers(Database& database, const std::optional<std::string>& folded_name,
                               std::string_view user_id)
{
    return folded_name && database
                              .query("SELECT 1 FROM names WHERE folded = ?1 AND user_id <> ?2",
                                     *folded_name, user_id)
                              .next();
}

/// Operators name an account by its id or by a name.
[[nodiscard]] bool is_anothers_id(Database& database, const std::optional<std::string>& username,
                                  std::string_view user_id)
{
    return username && *username != user_id && exists(database, *username);
}

[[nodiscard]] bool is_redeemable(Database& database, std::string_view invite_hash, Millis now)
{
    auto row = database.query("SELECT expires_at FROM invites WHERE hash = ?1", invite_hash);
    if (!row.next()) return false;
    return !enforced("sqlite_store.invite_expires") || now < row.seconds(0);
}

void insert_names(Database& database, const User& user)
{
    for (const auto& name : {user.folded_username, user.folded_email}) {
        // OR IGNORE: one user's two names may be the same; strangers' were judged before.
        if (name) database.run("INSERT OR IGNORE INTO names VALUES (?1, ?2)", *name, user.id);
    }
}

void insert_user(Database& database, const User& user)
{
    database.run("INSERT INTO users (id, username, folded_username, email, folded_email, "
                 "password_hash, roles, blocked, created, verified_email, verified_at) "
                 "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
                 user.id, user.username, user.folded_username, user.email, user.folded_email,
                 user.password_hash, join_list(user.roles), user.blocked, user.created,
                 verified_email(user), user.email_verified_at.value_or(Seconds{}));
    insert_names(database, user);
}

[[nodiscard]] Result<void, StoreError> create(Database& database, const User& user,
                                              const std::optional<std::string>& invite_hash,
                                              Millis now)
{
    if (invite_hash && !is_redeemable(database, *invite_hash, now)) {
        return StoreError::invite_invalid;
    }
    const bool taken = exists(database, user.id) || is_taken(database, user.folded_username) ||
                       is_taken(database, user.folded_email) ||
                       is_anothers_id(database, user.username, user.id);
    if (enforced("sqlite_store.names_unique") && taken) return StoreError::name_taken; // R57

    if (enforced("sqlite_store.invite_once") && invite_hash) {
        database.run("DELETE FROM invites WHERE hash = ?1", *invite_hash);
    }
    insert_user(database, user);
    return {};
}

[[nodiscard]] std::optional<User> first_user(Rows rows)
{
    return rows.next() ? std::optional(user_from(rows)) : std::nullopt;
}

/// Sets `blocked` and tells the feed, if that is news.
void set_blocked(Database& database, std::string_view user_id, bool blocked, Millis now)
{
    const auto kind = blocked ? ChangeKind::user_blocked : ChangeKind::user_unblocked;
    if (database.run("UPDATE users SET blocked = ?2 WHERE id = ?1 AND blocked <> ?2", user_id,
                     blocked) > 0) {
        add_change(database, kind, user_id, now);
    }
}

[[nodiscard]] bool was_deleted(Database& database, std::string_view user_id, const Deed& deed)
{
    return deed.back_since &&
           database
               .query("SELECT 1 FROM changes WHERE at_ms > ?1 AND kind = ?2 AND subject = ?3",
                      *deed.back_since, static_cast<int>(ChangeKind::user_deleted), user_id)
               .next();
}

} // namespace

Result<void, StoreError> SqliteStore::create_user(const User& user,
                                                  std::optional<std::string_view> invite_hash,
                                                  const Deed& deed)
{
    std::optional<std::string> invite(invite_hash);
    return writer_.run([user, invite, deed](Database& database) {
        auto created = create(database, user, invite, deed.at);
        if (!created) return created;
        if (was_deleted(database, user.id, deed)) {
            add_change(database, ChangeKind::user_unblocked, user.id, deed.at);
        }
        keep_record(database, deed.record);
        return created;
    });
}

Result<void, StoreError> SqliteStore::register_user(const User& user,
                                                    std::optional<std::string_view> invite_hash,
                                                    const Session& first_session, const Deed& deed)
{
    std::optional<std::string> invite(invite_hash);
    return writer_.run(
        [this, user, invite, first_session, deed](Database& database) -> Result<void, StoreError> {
            if (const auto created = create(database, user, invite, deed.at); !created)
                return created;
            if (home_ == nullptr) {
                insert_session(database, first_session, deed.at);
            } else if (const auto begun = home_->create(first_session, {}, deed.at); !begun) {
                return begun.error();
            }
            keep_record(database, deed.record);
            return {};
        });
}

Result<std::optional<User>, StoreError> SqliteStore::find_user_by_name(std::string_view folded_name)
{
    return readers_.run([&](Database& database) -> Result<std::optional<User>, StoreError> {
        static const auto sql =
            select_users("WHERE id = (SELECT user_id FROM names WHERE folded = ?1)");
        return first_user(database.query(sql, folded_name));
    });
}

Result<std::optional<User>, StoreError> SqliteStore::find_user(std::string_view user_id)
{
    return readers_.run([&](Database& database) -> Result<std::optional<User>, StoreError> {
        return user_with_id(database, user_id);
    });
}

Result<std::vector<User>, StoreError> SqliteStore::list_users(std::string_view after,
                                                              std::size_t limit)
{
    return readers_.run([&](Database& database) -> Result<std::vector<User>, StoreError> {
        static const auto first_page = select_users("ORDER BY created, id LIMIT ?2");
        static const auto next_page =
            select_users("WHERE (created, id) > (SELECT created, id FROM users WHERE id = ?1) "
                         "ORDER BY created, id LIMIT ?2");
        if (!after.empty() && !exists(database, after)) return StoreError::not_found;
        auto rows = database.query(after.empty() ? first_page : next_page, after, limit);
        std::vector<User> page;
        while (rows.next()) page.push_back(user_from(rows));
        return page;
    });
}

Result<bool, StoreError> SqliteStore::replace_hash(std::string_view user_id,
                                                   std::string_view expected, std::string_view hash)
{
    return writer_.run([user = std::string(user_id), expected = std::string(expected),
                        hash = std::string(hash)](Database& database) -> Result<bool, StoreError> {
        return database.run("UPDATE users SET password_hash = ?3 "
                            "WHERE id = ?1 AND password_hash = ?2",
                            user, expected, hash) > 0;
    });
}

using Ids = Result<std::vector<std::string>, StoreError>;

Result<std::vector<std::string>, StoreError>
SqliteStore::set_password(std::string_view user_id, std::string_view hash,
                          std::string_view keep_session, const Deed& deed)
{
    return writer_.run([this, user = std::string(user_id), hash = std::string(hash),
                        keep = std::string(keep_session), deed](Database& database) -> Ids {
        const auto may = may_ask(database, home_, deed);
        if (!may) return may.error();
        if (!*may) return StoreError::not_found;
        auto owner = database.query("SELECT password_hash FROM users WHERE id = ?1", user);
        if (!owner.next()) return StoreError::not_found;
        const bool judged = deed.judged_by.empty() || deed.judged_by == owner.text(0);
        if (enforced("sqlite_store.password_unchanged") && !judged) {
            return StoreError::password_changed;
        }
        database.run("UPDATE users SET password_hash = ?2 WHERE id = ?1", user, hash);
        void_links(database, user, LinkPurpose::reset_password);
        keep_record(database, deed.record);
        return end_everywhere(database, home_, user, keep, deed.at);
    });
}

Result<void, StoreError> SqliteStore::set_roles(std::string_view user_id,
                                                std::span<const std::string> roles,
                                                const Deed& deed)
{
    return writer_.run(
        [user = std::string(user_id), deed, roles = std::vector(roles.begin(), roles.end())](
            Database& database) -> Result<void, StoreError> {
            if (database.run("UPDATE users SET roles = ?2, roles_changed_ms = ?3 WHERE id = ?1",
                             user, join_list(roles), deed.at) == 0) {
                return StoreError::not_found;
            }
            add_change(database, ChangeKind::roles_changed, user, deed.at, roles);
            keep_record(database, deed.record);
            return {};
        });
}

Result<User, StoreError> SqliteStore::rename_user(std::string_view user_id,
                                                  const NameChange& change, const Deed& deed)
{
    return writer_.run([this, id = std::string(user_id), change,
                        deed](Database& database) -> Result<User, StoreError> {
        const auto may = may_ask(database, home_, deed);
        if (!may) return may.error();
        if (!*may) return StoreError::not_found;
        const auto before = user_with_id(database, id);
        if (!before) return StoreError::not_found;
        auto after = renamed(*before, change);
        if (!after.username && !after.email) return StoreError::name_taken;
        const bool taken = is_anothers(database, after.folded_username, id) ||
                           is_anothers(database, after.folded_email, id) ||
                           (change.username && is_anothers_id(database, after.username, id));
        if (enforced("sqlite_store.rename_unique") && taken) return StoreError::name_taken; // R57

        database.run("UPDATE users SET username = ?2, folded_username = ?3, email = ?4, "
                     "folded_email = ?5, verified_email = ?6, verified_at = ?7 WHERE id = ?1",
                     id, after.username, after.folded_username, after.email, after.folded_email,
                     verified_email(after), after.email_verified_at.value_or(Seconds{}));
        void_links_elsewhere(database, after);
        database.run("DELETE FROM names WHERE user_id = ?1", id);
        insert_names(database, after);
        keep_record(database, deed.record);
        return after;
    });
}

Result<std::vector<std::string>, StoreError> SqliteStore::block_user(std::string_view user_id,
                                                                     const Deed& deed)
{
    return writer_.run([this, user = std::string(user_id), deed](Database& database) -> Ids {
        if (!exists(database, user)) return StoreError::not_found;
        auto ended = end_everywhere(database, home_, user, {}, deed.at);
        if (!ended) return ended;
        void_links(database, user);
        database.run("UPDATE api_keys SET revoked_ms = ?2 WHERE user_id = ?1 "
                     "AND revoked_ms IS NULL",
                     user, deed.at);
        set_blocked(database, user, true, deed.at);
        keep_record(database, deed.record);
        return ended;
    });
}

Result<void, StoreError> SqliteStore::unblock_user(std::string_view user_id, const Deed& deed)
{
    return writer_.run(
        [user = std::string(user_id), deed](Database& database) -> Result<void, StoreError> {
            if (!exists(database, user)) return StoreError::not_found;
            set_blocked(database, user, false, deed.at);
            keep_record(database, deed.record);
            return {};
        });
}

Result<std::vector<std::string>, StoreError> SqliteStore::delete_user(std::string_view user_id,
                                                                      const Deed& deed)
{
    return writer_.run([this, user = std::string(user_id), deed](Database& database) -> Ids {
        const auto may = may_ask(database, home_, deed);
        if (!may) return may.error();
        if (!*may) return StoreError::not_found;
        if (!exists(database, user)) return StoreError::not_found;
        auto ended = end_everywhere(database, home_, user, {}, deed.at);
        if (!ended) return ended;
        add_change(database, ChangeKind::user_deleted, user, deed.at);
        database.run("DELETE FROM users WHERE id = ?1", user); // and its names with it
        remove_addresses_of(database, user);
        keep_record(database, deed.record);
        return ended;
    });
}

Result<void, StoreError> SqliteStore::create_invite(std::string_view invite_hash,
                                                    Seconds expires_at, const Deed& deed)
{
    return writer_.run([hash = std::string(invite_hash), expires_at,
                        deed](Database& database) -> Result<void, StoreError> {
        database.run("INSERT OR REPLACE INTO invites VALUES (?1, ?2)", hash, expires_at);
        keep_record(database, deed.record);
        return {};
    });
}

} // namespace gatehouse::auth::sqlite
