#include "auth/store/postgres/postgres_store.hpp"
#include "auth/store/postgres/records.hpp"
#include "auth/store/string_list.hpp"
#include "config/basics/enforced.hpp"

#include <set>

namespace gatehouse::auth::postgres {

namespace {

using Ids = Result<std::vector<std::string>, StoreError>;

/// Whether the invite can be redeemed; its row is locked, for it is one person's only.
[[nodiscard]] bool is_redeemable(Connection& connection, std::string_view invite_hash, Millis now)
{
    auto row = connection.query(
        "SELECT expires_at FROM gatehouse.invites WHERE hash = $1 FOR UPDATE", invite_hash);
    if (!row.next()) return false;
    return !enforced("postgres_store.invite_expires") || now < row.seconds(0);
}

[[nodiscard]] bool insert_row(Connection& connection, const User& user)
{
    return connection.run("INSERT INTO gatehouse.users (id, username, folded_username, email, "
                          "folded_email, password_hash, roles, blocked, created, "
                          "verified_email, verified_at) "
                          "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) "
                          "ON CONFLICT DO NOTHING",
                          user.id, user.username, user.folded_username, user.email,
                          user.folded_email, user.password_hash, join_list(user.roles),
                          user.blocked, user.created, verified_email(user),
                          user.email_verified_at.value_or(Seconds{})) == 1;
}

/// Sorted, so that two who want the same two never deadlock.
[[nodiscard]] std::set<std::string> names_of(const User& user)
{
    std::set<std::string> names;
    if (user.folded_username) names.insert(*user.folded_username);
    if (user.folded_email) names.insert(*user.folded_email);
    return names;
}

/// Takes these names of the user; false: one of them is somebody's. Who takes the same name at the
/// same time waits here for the outcome.
[[nodiscard]] bool insert_names(Connection& connection, const User& user,
                                const std::set<std::string>& names)
{
    bool all = true;
    for (const auto& name : names) {
        const auto taken = connection.run(
            "INSERT INTO gatehouse.names VALUES ($1, $2) ON CONFLICT DO NOTHING", name, user.id);
        all = taken == 1 && all;
    }
    return all;
}

/// Operators name an account by its id or by a name.
[[nodiscard]] bool is_anothers_id(Connection& connection,
                                  const std::optional<std::string>& username,
                                  std::string_view user_id)
{
    return username && *username != user_id &&
           connection.query("SELECT 1 FROM gatehouse.users WHERE id = $1", *username).next();
}

[[nodiscard]] Result<void, StoreError> create(Connection& connection, const User& user,
                                              std::optional<std::string_view> invite_hash,
                                              Millis now)
{
    if (invite_hash && !is_redeemable(connection, *invite_hash, now)) {
        return StoreError::invite_invalid;
    }
    if (enforced("postgres_store.invite_once") && invite_hash) {
        connection.run("DELETE FROM gatehouse.invites WHERE hash = $1", *invite_hash);
    }
    const bool free = !is_anothers_id(connection, user.username, user.id) &&
                      insert_row(connection, user) &&
                      insert_names(connection, user, names_of(user));
    if (enforced("postgres_store.names_unique") && !free) return StoreError::name_taken; // R57
    return {};
}

[[nodiscard]] std::optional<User> first_user(Rows rows)
{
    return rows.next() ? std::optional(user_from(rows)) : std::nullopt;
}

/// Gives the user the names of `after` in the place of those of `before`. New names come first:
/// whoever waits for somebody's name holds none that the other has given up.
[[nodiscard]] bool replace_names(Connection& connection, const User& before, const User& after)
{
    auto fresh = names_of(after);
    auto given_up = names_of(before);
    std::erase_if(fresh, [&](const auto& name) { return given_up.erase(name) > 0; });
    if (!insert_names(connection, after, fresh)) return false;
    for (const auto& name : given_up) {
        connection.run("DELETE FROM gatehouse.names WHERE folded = $1 AND user_id = $2", name,
                       after.id);
    }
    return true;
}

/// Sets `blocked` and tells the feed, if that is news.
void set_blocked(Connection& connection, std::string_view user_id, bool blocked, Millis now)
{
    const auto kind = blocked ? ChangeKind::user_blocked : ChangeKind::user_unblocked;
    if (connection.run("UPDATE gatehouse.users SET blocked = $2 WHERE id = $1 AND blocked <> $2",
                       user_id, blocked) > 0) {
        add_change(connection, kind, user_id, now);
    }
}

[[nodiscard]] bool was_deleted(Connection& connection, std::string_view user_id, const Deed& deed)
{
    return deed.back_since &&
           connection
               .query("SELECT 1 FROM gatehouse.changes "
                      "WHERE at_ms > $1 AND kind = $2 AND subject = $3",
                      *deed.back_since, static_cast<int>(ChangeKind::user_deleted), user_id)
               .next();
}

} // namespace

Result<void, StoreError> PostgresStore::create_user(const User& user,
                                                    std::optional<std::string_view> invite,
                                                    const Deed& deed)
{
    return pool_->run(Access::write, [&](Connection& connection) {
        auto created = create(connection, user, invite, deed.at);
        if (!created) return created;
        keep_record(connection, deed.record);
        if (was_deleted(connection, user.id, deed)) {
            add_change(connection, ChangeKind::user_unblocked, user.id, deed.at);
        }
        return created;
    });
}

Result<void, StoreError> PostgresStore::register_user(const User& user,
                                                      std::optional<std::string_view> invite,
                                                      const Session& first_session,
                                                      const Deed& deed)
{
    Elsewhere elsewhere(home_);
    return pool_->run(Access::write, [&](Connection& connection) -> Result<void, StoreError> {
        if (const auto created = create(connection, user, invite, deed.at); !created)
            return created;
        if (!elsewhere) {
            insert_session(connection, first_session, deed.at);
        } else if (const auto begun = elsewhere.create(first_session, {}, deed.at); !begun) {
            return begun.error();
        }
        keep_record(connection, deed.record);
        return {};
    });
}

Result<std::optional<User>, StoreError>
PostgresStore::find_user_by_name(std::string_view folded_name)
{
    using Found = Result<std::optional<User>, StoreError>;
    return pool_->run(Access::statement, [&](Connection& connection) -> Found {
        static const auto sql =
            select_users("WHERE id = (SELECT user_id FROM gatehouse.names WHERE folded = $1)");
        return first_user(connection.query(sql, folded_name));
    });
}

Result<std::optional<User>, StoreError> PostgresStore::find_user(std::string_view user_id)
{
    using Found = Result<std::optional<User>, StoreError>;
    return pool_->run(Access::statement, [&](Connection& connection) -> Found {
        static const auto sql = select_users("WHERE id = $1");
        return first_user(connection.query(sql, user_id));
    });
}

Result<std::vector<User>, StoreError> PostgresStore::list_users(std::string_view after,
                                                                std::size_t limit)
{
    using Page = Result<std::vector<User>, StoreError>;
    return pool_->run(Access::snapshot, [&](Connection& connection) -> Page {
        static const auto first_page = select_users("ORDER BY created, id LIMIT $1");
        static const auto next_page =
            select_users("WHERE (created, id) > ($1, $2) ORDER BY created, id LIMIT $3");
        std::vector<User> page;
        const auto collect = [&](Rows rows) {
            while (rows.next()) page.push_back(user_from(rows));
        };
        if (after.empty()) {
            collect(connection.query(first_page, limit));
            return page;
        }
        auto last = connection.query("SELECT created FROM gatehouse.users WHERE id = $1", after);
        if (!last.next()) return StoreError::not_found;
        collect(connection.query(next_page, last.seconds(0), after, limit));
        return page;
    });
}

Result<bool, StoreError> PostgresStore::replace_hash(std::string_view user_id,
                                                     std::string_view expected,
                                                     std::string_view hash)
{
    return pool_->run(Access::write, [&](Connection& connection) -> Result<bool, StoreError> {
        return connection.run("UPDATE gatehouse.users SET password_hash = $3 "
                              "WHERE id = $1 AND password_hash = $2",
                              user_id, expected, hash) > 0;
    });
}

Result<std::vector<std::string>, StoreError>
PostgresStore::set_password(std::string_view user_id, std::string_view hash,
                            std::string_view keep_session, const Deed& deed)
{
    Elsewhere elsewhere(home_);
    return pool_->run(Access::write, [&](Connection& connection) -> Ids {
        const auto may = may_ask(connection, elsewhere, user_id, deed);
        if (!may) return may.error();
        if (!*may) return StoreError::not_found;
        // The user is locked: what is read now is what is written over.
        auto owner = connection.query("SELECT 1 FROM gatehouse.users WHERE id = $1 AND "
                                      "(password_hash = $2 OR $2 = '')",
                                      user_id, deed.judged_by);
        const bool judged = owner.next();
        if (enforced("postgres_store.password_unchanged") && !judged) {
            return StoreError::password_changed;
        }
        connection.run("UPDATE gatehouse.users SET password_hash = $2 WHERE id = $1", user_id,
                       hash);
        void_links(connection, user_id, LinkPurpose::reset_password);
        keep_record(connection, deed.record);
        return end_everywhere(connection, elsewhere, user_id, keep_session, deed.at);
    });
}

Result<void, StoreError> PostgresStore::set_roles(std::string_view user_id,
                                                  std::span<const std::string> roles,
                                                  const Deed& deed)
{
    return pool_->run(Access::write, [&](Connection& connection) -> Result<void, StoreError> {
        if (connection.run("UPDATE gatehouse.users SET roles = $2, roles_changed_ms = $3 "
                           "WHERE id = $1",
                           user_id, join_list(roles), deed.at) == 0) {
            return StoreError::not_found;
        }
        keep_record(connection, deed.record);
        add_change(connection, ChangeKind::roles_changed, user_id, deed.at, roles);
        return {};
    });
}

Result<User, StoreError> PostgresStore::rename_user(std::string_view user_id,
                                                    const NameChange& change, const Deed& deed)
{
    Elsewhere elsewhere(home_);
    return pool_->run(Access::write, [&](Connection& connection) -> Result<User, StoreError> {
        const auto may = may_ask(connection, elsewhere, user_id, deed);
        if (!may) return may.error();
        if (!*may) return StoreError::not_found;
        static const auto sql = select_users("WHERE id = $1");
        const auto before = first_user(connection.query(sql, user_id));
        if (!before) return StoreError::not_found;
        auto after = renamed(*before, change);
        if (!after.username && !after.email) return StoreError::name_taken;
        const bool free =
            !(change.username && is_anothers_id(connection, after.username, after.id)) &&
            replace_names(connection, *before, after);
        if (enforced("postgres_store.rename_unique") && !free) return StoreError::name_taken; // R57

        connection.run("UPDATE gatehouse.users SET username = $2, folded_username = $3, "
                       "email = $4, folded_email = $5, verified_email = $6, verified_at = $7 "
                       "WHERE id = $1",
                       user_id, after.username, after.folded_username, after.email,
                       after.folded_email, verified_email(after),
                       after.email_verified_at.value_or(Seconds{}));
        void_links_elsewhere(connection, after);
        keep_record(connection, deed.record);
        return after;
    });
}

Result<std::vector<std::string>, StoreError> PostgresStore::block_user(std::string_view user_id,
                                                                       const Deed& deed)
{
    Elsewhere elsewhere(home_);
    return pool_->run(Access::write, [&](Connection& connection) -> Ids {
        if (!lock_user(connection, user_id)) return StoreError::not_found;
        keep_record(connection, deed.record);
        void_links(connection, user_id);
        connection.run("UPDATE gatehouse.api_keys SET revoked_ms = $2 WHERE user_id = $1 "
                       "AND revoked_ms IS NULL",
                       user_id, deed.at);
        auto ended = end_everywhere(connection, elsewhere, user_id, {}, deed.at);
        if (!ended) return ended;
        set_blocked(connection, user_id, true, deed.at);
        return ended;
    });
}

Result<void, StoreError> PostgresStore::unblock_user(std::string_view user_id, const Deed& deed)
{
    return pool_->run(Access::write, [&](Connection& connection) -> Result<void, StoreError> {
        if (!lock_user(connection, user_id)) return StoreError::not_found;
        keep_record(connection, deed.record);
        set_blocked(connection, user_id, false, deed.at);
        return {};
    });
}

Result<std::vector<std::string>, StoreError> PostgresStore::delete_user(std::string_view user_id,
                                                                        const Deed& deed)
{
    Elsewhere elsewhere(home_);
    return pool_->run(Access::write, [&](Connection& connection) -> Ids {
        const auto may = may_ask(connection, elsewhere, user_id, deed);
        if (!may) return may.error();
        if (!*may) return StoreError::not_found;
        connection.run("DELETE FROM gatehouse.users WHERE id = $1", user_id); // and its names
        remove_addresses_of(connection, user_id);
        keep_record(connection, deed.record);
        auto ended = end_everywhere(connection, elsewhere, user_id, {}, deed.at);
        if (!ended) return ended;
        add_change(connection, ChangeKind::user_deleted, user_id, deed.at);
        return ended;
    });
}

Result<void, StoreError> PostgresStore::create_invite(std::string_view invite_hash,
                                                      Seconds expires_at, const Deed& deed)
{
    return pool_->run(Access::write, [&](Connection& connection) -> Result<void, StoreError> {
        connection.run("INSERT INTO gatehouse.invites VALUES ($1, $2) "
                       "ON CONFLICT (hash) DO UPDATE SET expires_at = excluded.expires_at",
                       invite_hash, expires_at);
        keep_record(connection, deed.record);
        return {};
    });
}

} // namespace gatehouse::auth::postgres
