#include "auth/store/postgres/postgres_store.hpp"
#include "auth/store/postgres/records.hpp"
#include "config/basics/enforced.hpp"

namespace gatehouse::auth::postgres {
namespace {

[[nodiscard]] QueuedMail mail_from(const Rows& row)
{
    QueuedMail mail;
    mail.id = row.bytes(0);
    mail.kind = static_cast<MailKind>(row.integer(1));
    mail.user_id = row.bytes(2);
    mail.address = row.bytes(3);
    mail.created = row.seconds(4);
    mail.expires_at = row.seconds(5);
    mail.attempts = static_cast<std::uint32_t>(row.integer(6));
    mail.next_try = row.millis(7);
    return mail;
}

[[nodiscard]] std::optional<MailedLink> link_with(Connection& connection, std::string_view digest)
{
    auto row = connection.query("SELECT purpose, user_id, address, expires_at "
                                "FROM gatehouse.links WHERE digest = $1",
                                digest);
    if (!row.next()) return std::nullopt;
    MailedLink link;
    link.digest = digest;
    link.purpose = static_cast<LinkPurpose>(row.integer(0));
    link.user_id = row.bytes(1);
    link.address = row.bytes(2);
    link.expires_at = row.seconds(3);
    return link;
}

/// Uses the link up and returns whose it was, locked; nothing: it opens nothing. The user is locked
/// first, as by everybody who voids links: of many who bring the same link, the others wait here
/// and find it gone.
[[nodiscard]] std::optional<User> use_link(Connection& connection, std::string_view digest,
                                           LinkPurpose purpose, Millis now)
{
    const auto found = link_with(connection, digest);
    if (!found) return std::nullopt;
    static const auto sql = select_users("WHERE id = $1 FOR UPDATE");
    auto row = connection.query(sql, found->user_id);
    if (!row.next()) return std::nullopt;
    auto user = user_from(row);
    if (!opens(*found, purpose, user, now)) return std::nullopt;
    if (enforced("postgres_store.link_once") &&
        connection.run("DELETE FROM gatehouse.links WHERE digest = $1", digest) == 0) {
        return std::nullopt;
    }
    return user;
}

void verified_now(Connection& connection, const User& user, Millis now)
{
    connection.run("UPDATE gatehouse.users SET verified_email = $2, verified_at = $3 WHERE id = $1",
                   user.id, user.folded_email.value_or(""),
                   std::chrono::floor<std::chrono::seconds>(now));
}

} // namespace

Result<bool, StoreError> PostgresStore::queue_mail(const QueuedMail& mail, std::size_t most)
{
    return pool_->run(Access::write, [&](Connection& connection) -> Result<bool, StoreError> {
        if (!lock_user(connection, mail.user_id)) return StoreError::not_found;
        return connection.run("INSERT INTO gatehouse.mails (id, kind, user_id, address, created, "
                              "expires_at, attempts, next_try_ms) "
                              "SELECT $1, $2, $3, $4, $5, $6, $7, $8 "
                              "WHERE (SELECT count(*) FROM gatehouse.mails) < $9 "
                              "ON CONFLICT DO NOTHING",
                              mail.id, static_cast<int>(mail.kind), mail.user_id, mail.address,
                              mail.created, mail.expires_at, mail.attempts, mail.next_try,
                              most) > 0;
    });
}

Result<std::optional<QueuedMail>, StoreError> PostgresStore::take_mail(Millis now, Millis until)
{
    using Taken = Result<std::optional<QueuedMail>, StoreError>;
    return pool_->run(Access::write, [&](Connection& connection) -> Taken {
        // Whom others are just taking is passed over, and nobody waits.
        auto row = connection.query(
            "UPDATE gatehouse.mails SET next_try_ms = $2, attempts = attempts + 1 WHERE id = "
            "(SELECT id FROM gatehouse.mails WHERE next_try_ms <= $1 "
            "ORDER BY next_try_ms, id LIMIT 1 FOR UPDATE SKIP LOCKED) "
            "RETURNING id, kind, user_id, address, created, expires_at, attempts, next_try_ms",
            now, until);
        if (!row.next()) return std::optional<QueuedMail>();
        return std::optional(mail_from(row));
    });
}

Result<bool, StoreError> PostgresStore::put_off_mail(std::string_view id, std::uint32_t attempts,
                                                     Millis next_try)
{
    return pool_->run(Access::write, [&](Connection& connection) -> Result<bool, StoreError> {
        return connection.run("UPDATE gatehouse.mails SET next_try_ms = $3 "
                              "WHERE id = $1 AND attempts = $2",
                              id, attempts, next_try) > 0;
    });
}

Result<bool, StoreError> PostgresStore::remove_mail(std::string_view id, std::uint32_t attempts)
{
    return pool_->run(Access::write, [&](Connection& connection) -> Result<bool, StoreError> {
        return connection.run("DELETE FROM gatehouse.mails WHERE id = $1 AND attempts = $2", id,
                              attempts) > 0;
    });
}

Result<MailStore::Waiting, StoreError> PostgresStore::mails_waiting()
{
    return pool_->run(Access::statement, [](Connection& connection) -> Result<Waiting, StoreError> {
        auto row =
            connection.query("SELECT count(*), coalesce(min(created), 0) FROM gatehouse.mails");
        if (!row.next()) return Waiting();
        return Waiting{static_cast<std::uint64_t>(row.integer(0)), row.seconds(1)};
    });
}

Result<void, StoreError> PostgresStore::keep_link(const MailedLink& link)
{
    return pool_->run(Access::write, [&](Connection& connection) -> Result<void, StoreError> {
        const auto blocked = lock_user(connection, link.user_id);
        if (!blocked) return StoreError::not_found;
        if (*blocked) return StoreError::blocked;
        void_links(connection, link.user_id, link.purpose);
        connection.run("INSERT INTO gatehouse.links VALUES ($1, $2, $3, $4, $5)", link.digest,
                       static_cast<int>(link.purpose), link.user_id, link.address, link.expires_at);
        return {};
    });
}

Result<std::optional<MailedLink>, StoreError> PostgresStore::find_link(std::string_view digest)
{
    using Found = Result<std::optional<MailedLink>, StoreError>;
    return pool_->run(Access::statement, [&](Connection& connection) -> Found {
        return link_with(connection, digest);
    });
}

Result<std::vector<std::string>, StoreError>
PostgresStore::reset_password(std::string_view digest, std::string_view hash, const Deed& deed)
{
    using Ids = Result<std::vector<std::string>, StoreError>;
    Elsewhere elsewhere(home_);
    return pool_->run(Access::write, [&](Connection& connection) -> Ids {
        const auto user = use_link(connection, digest, LinkPurpose::reset_password, deed.at);
        if (!user) return StoreError::not_found;
        connection.run("UPDATE gatehouse.users SET password_hash = $2 WHERE id = $1", user->id,
                       hash);
        if (enforced("postgres_store.reset_evicts_squatter") && !user->email_verified_at) {
            connection.run("DELETE FROM gatehouse.passkeys WHERE user_id = $1", user->id);
            connection.run("DELETE FROM gatehouse.second_factors WHERE user_id = $1", user->id);
            connection.run("DELETE FROM gatehouse.recovery_codes WHERE user_id = $1", user->id);
        }
        verified_now(connection, *user, deed.at);
        if (enforced("postgres_store.links_voided")) void_links(connection, user->id);
        keep_record(connection, deed.record);
        return end_everywhere(connection, elsewhere, user->id, {}, deed.at);
    });
}

Result<void, StoreError> PostgresStore::verify_email(std::string_view digest, const Deed& deed)
{
    return pool_->run(Access::write, [&](Connection& connection) -> Result<void, StoreError> {
        const auto user = use_link(connection, digest, LinkPurpose::verify_email, deed.at);
        if (!user) return StoreError::not_found;
        verified_now(connection, *user, deed.at);
        keep_record(connection, deed.record);
        return {};
    });
}

} // namespace gatehouse::auth::postgres
