#include "auth/store/sqlite/records.hpp"
#include "auth/store/sqlite/sqlite_store.hpp"
#include "config/basics/enforced.hpp"

namespace gatehouse::auth::sqlite {
namespace {

[[nodiscard]] QueuedMail mail_from(const Rows& row)
{
    QueuedMail mail;
    mail.id = row.text(0);
    mail.kind = static_cast<MailKind>(row.integer(1));
    mail.user_id = row.text(2);
    mail.address = row.text(3);
    mail.created = row.seconds(4);
    mail.expires_at = row.seconds(5);
    mail.attempts = static_cast<std::uint32_t>(row.integer(6));
    mail.next_try = row.millis(7);
    return mail;
}

[[nodiscard]] std::optional<MailedLink> link_with(Database& database, std::string_view digest)
{
    auto row = database.query(
        "SELECT purpose, user_id, address, expires_at FROM links WHERE digest = ?1", Blob{digest});
    if (!row.next()) return std::nullopt;
    MailedLink link;
    link.digest = digest;
    link.purpose = static_cast<LinkPurpose>(row.integer(0));
    link.user_id = row.text(1);
    link.address = row.text(2);
    link.expires_at = row.seconds(3);
    return link;
}

/// Uses the link up and returns whose it was; nothing: it opens nothing.
[[nodiscard]] std::optional<User> use_link(Database& database, std::string_view digest,
                                           LinkPurpose purpose, Millis now)
{
    const auto link = link_with(database, digest);
    if (!link) return std::nullopt;
    auto user = user_with_id(database, link->user_id);
    if (!user || !opens(*link, purpose, *user, now)) return std::nullopt;
    if (enforced("sqlite_store.link_once")) {
        database.run("DELETE FROM links WHERE digest = ?1", Blob{digest});
    }
    return user;
}

void verified_now(Database& database, const User& user, Millis now)
{
    database.run("UPDATE users SET verified_email = ?2, verified_at = ?3 WHERE id = ?1", user.id,
                 user.folded_email.value_or(""), std::chrono::floor<std::chrono::seconds>(now));
}

} // namespace

Result<bool, StoreError> SqliteStore::queue_mail(const QueuedMail& mail, std::size_t most)
{
    return writer_.run([mail, most](Database& database) -> Result<bool, StoreError> {
        if (!user_with_id(database, mail.user_id)) return StoreError::not_found;
        return database.run("INSERT INTO mails SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 "
                            "WHERE (SELECT count(*) FROM mails) < ?9 ON CONFLICT DO NOTHING",
                            mail.id, static_cast<int>(mail.kind), mail.user_id, mail.address,
                            mail.created, mail.expires_at, mail.attempts, mail.next_try, most) > 0;
    });
}

Result<std::optional<QueuedMail>, StoreError> SqliteStore::take_mail(Millis now, Millis until)
{
    using Taken = Result<std::optional<QueuedMail>, StoreError>;
    // Mostly there is none, which needs no write.
    const auto any = readers_.run([now](Database& database) -> Result<bool, StoreError> {
        return database.query("SELECT 1 FROM mails WHERE next_try_ms <= ?1 LIMIT 1", now).next();
    });
    if (!any) return any.error();
    if (!*any) return std::optional<QueuedMail>();
    return writer_.run([now, until](Database& database) -> Taken {
        auto row = database.query(
            "UPDATE mails SET next_try_ms = ?2, attempts = attempts + 1 WHERE id = "
            "(SELECT id FROM mails WHERE next_try_ms <= ?1 ORDER BY next_try_ms, id LIMIT 1) "
            "RETURNING id, kind, user_id, address, created, expires_at, attempts, next_try_ms",
            now, until);
        if (!row.next()) return std::optional<QueuedMail>();
        auto mail = mail_from(row);
        while (row.next()) {
        }
        return std::optional(std::move(mail));
    });
}

Result<bool, StoreError> SqliteStore::put_off_mail(std::string_view id, std::uint32_t attempts,
                                                   Millis next_try)
{
    return writer_.run(
        [id = std::string(id), attempts, next_try](Database& database) -> Result<bool, StoreError> {
            return database.run("UPDATE mails SET next_try_ms = ?3 WHERE id = ?1 AND attempts = ?2",
                                id, attempts, next_try) > 0;
        });
}

Result<bool, StoreError> SqliteStore::remove_mail(std::string_view id, std::uint32_t attempts)
{
    return writer_.run([id = std::string(id),
                        attempts](Database& database) -> Result<bool, StoreError> {
        return database.run("DELETE FROM mails WHERE id = ?1 AND attempts = ?2", id, attempts) > 0;
    });
}

Result<MailStore::Waiting, StoreError> SqliteStore::mails_waiting()
{
    return readers_.run([](Database& database) -> Result<Waiting, StoreError> {
        auto row = database.query("SELECT count(*), coalesce(min(created), 0) FROM mails");
        if (!row.next()) return Waiting();
        return Waiting{static_cast<std::uint64_t>(row.integer(0)), row.seconds(1)};
    });
}

Result<void, StoreError> SqliteStore::keep_link(const MailedLink& link)
{
    return writer_.run([link](Database& database) -> Result<void, StoreError> {
        const auto user = user_with_id(database, link.user_id);
        if (!user) return StoreError::not_found;
        if (user->blocked) return StoreError::blocked;
        void_links(database, link.user_id, link.purpose);
        database.run("INSERT INTO links VALUES (?1, ?2, ?3, ?4, ?5)", Blob{link.digest},
                     static_cast<int>(link.purpose), link.user_id, link.address, link.expires_at);
        return {};
    });
}

Result<std::optional<MailedLink>, StoreError> SqliteStore::find_link(std::string_view digest)
{
    return readers_.run([&](Database& database) -> Result<std::optional<MailedLink>, StoreError> {
        return link_with(database, digest);
    });
}

Result<std::vector<std::string>, StoreError>
SqliteStore::reset_password(std::string_view digest, std::string_view hash, const Deed& deed)
{
    using Ids = Result<std::vector<std::string>, StoreError>;
    return writer_.run([this, digest = std::string(digest), hash = std::string(hash),
                        deed](Database& database) -> Ids {
        const auto user = use_link(database, digest, LinkPurpose::reset_password, deed.at);
        if (!user) return StoreError::not_found;
        auto ended = end_everywhere(database, home_, user->id, {}, deed.at);
        if (!ended) return ended;
        database.run("UPDATE users SET password_hash = ?2 WHERE id = ?1", user->id, hash);
        if (enforced("sqlite_store.reset_evicts_squatter") && !user->email_verified_at) {
            database.run("DELETE FROM passkeys WHERE user_id = ?1", user->id);
            database.run("DELETE FROM second_factors WHERE user_id = ?1", user->id);
            database.run("DELETE FROM recovery_codes WHERE user_id = ?1", user->id);
        }
        verified_now(database, *user, deed.at);
        if (enforced("sqlite_store.links_voided")) void_links(database, user->id);
        keep_record(database, deed.record);
        return ended;
    });
}

Result<void, StoreError> SqliteStore::verify_email(std::string_view digest, const Deed& deed)
{
    return writer_.run(
        [digest = std::string(digest), deed](Database& database) -> Result<void, StoreError> {
            const auto user = use_link(database, digest, LinkPurpose::verify_email, deed.at);
            if (!user) return StoreError::not_found;
            verified_now(database, *user, deed.at);
            keep_record(database, deed.record);
            return {};
        });
}

} // namespace gatehouse::auth::sqlite
