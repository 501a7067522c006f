#include "tests/auth/store/contract.hpp"

#include "auth/store/postgres/open.hpp"
#include "auth/store/redis/redis_sessions.hpp"
#include "auth/store/sqlite/open.hpp"
#include "tests/auth/redis/server.hpp"
#include "tests/auth/store/postgres/pooler.hpp"
#include "tests/auth/store/redis/two_stores.hpp"

namespace gatehouse::auth::contract {

namespace {

[[nodiscard]] std::string word_for(ChangeKind kind)
{
    switch (kind) {
    case ChangeKind::session_ended:
        return "session_ended";
    case ChangeKind::user_blocked:
        return "user_blocked";
    case ChangeKind::user_unblocked:
        return "user_unblocked";
    case ChangeKind::user_deleted:
        return "user_deleted";
    case ChangeKind::roles_changed:
        return "roles_changed";
    case ChangeKind::keys_changed:
        return "keys_changed";
    case ChangeKind::api_key_created:
        return "api_key_created";
    case ChangeKind::api_key_revoked:
        return "api_key_revoked";
    }
    return "?";
}

/// Whether this is the first call for a test: each has a folder of its own.
[[nodiscard]] bool is_another(const std::filesystem::path& folder, std::filesystem::path& last)
{
    return std::exchange(last, folder) != folder;
}

/// One database for all tests, emptied when a test with another folder comes.
[[nodiscard]] auto open_postgres(const std::filesystem::path& folder, StoreRole role, bool pooled,
                                 SessionHome* home = nullptr)
{
    static std::filesystem::path last_folder;
    const auto& server = postgres::Server::shared();
    if (is_another(folder, last_folder)) {
        server.execute("DROP SCHEMA IF EXISTS gatehouse CASCADE");
    }
    const auto url = pooled ? postgres::Pooler::shared().url() : server.url();
    return postgres::open({.url = url, .transaction_pooling = pooled}, role, {.patience = 60s},
                          25ms, {}, home);
}

/// One Redis for all tests, emptied in the same way.
[[nodiscard]] SessionHome* home_of(const std::filesystem::path& folder)
{
    static redis::Pool pool(redis::Server::shared().place(), {.patience = 60s});
    static redis::RedisSessions sessions(pool, 1h);
    static std::filesystem::path last_folder;
    if (is_another(folder, last_folder)) {
        redis::must(pool.ask_one(redis::Commands("FLUSHALL"), redis::Pool::Again::harmless));
    }
    return &sessions;
}

[[nodiscard]] auto open_sqlite(const std::filesystem::path& folder, StoreRole role,
                               SessionHome* home = nullptr)
{
    return sqlite::open(folder / "gatehouse.db", role, {.patience = 60s}, 25ms, {}, home);
}

[[nodiscard]] Result<std::unique_ptr<Store>, std::string>
try_open(std::string_view kind, const std::filesystem::path& folder, StoreRole role)
{
    if (kind == "sqlite") return open_sqlite(folder, role);
    if (kind == "sqlite_and_redis") return open_sqlite(folder, role, home_of(folder));
    if (kind == "postgres") return open_postgres(folder, role, false);
    if (kind == "pgbouncer") return open_postgres(folder, role, true);
    if (kind == "postgres_and_redis") return open_postgres(folder, role, false, home_of(folder));
    if (kind == "redis") return redis::open_two_stores();
    if (kind == "redis_feed") return redis::open_two_stores_with_feed();
    return open_store(kind, role);
}

} // namespace

std::unique_ptr<Store> open_kind(std::string_view kind, const std::filesystem::path& folder,
                                 StoreRole role)
{
    auto opened = try_open(kind, folder, role);
    if (!opened) throw std::runtime_error(opened.error());
    return std::move(*opened);
}

User user_called(const std::string& id, std::optional<std::string> username,
                 std::optional<std::string> email)
{
    User user;
    user.id = id;
    user.username = username;
    user.folded_username = username;
    user.email = email;
    user.folded_email = email;
    user.password_hash = "hash of " + id;
    user.created = noon;
    return user;
}

Session session_of(const std::string& user_id, const std::string& id)
{
    Session session;
    session.id = id;
    session.user_id = user_id;
    session.issued_at = noon;
    session.login_at = noon;
    session.expires_at = noon + year;
    return session;
}

RotationTerms refreshed(Millis now)
{
    const auto issued_at = std::chrono::floor<std::chrono::seconds>(now);
    return {issued_at, issued_at + year, "198.51.100.7", "browser"};
}

StoreContract::StoreContract() : store(open_kind(GetParam(), folder.path())) {}

void StoreContract::add_user(const std::string& id) const
{
    must(store->create_user(user_called(id, id), {}, noon));
}

void StoreContract::add_session(const std::string& user_id, const std::string& id, Millis now) const
{
    must(store->create_session(session_of(user_id, id), {}, now));
}

std::vector<std::string> StoreContract::story(std::uint64_t after) const
{
    std::vector<std::string> lines;
    for (const auto& change : must(store->changes_after(after, 1000))) {
        lines.push_back(word_for(change.kind) + " " + change.subject);
    }
    return lines;
}

} // namespace gatehouse::auth::contract
