// The way of a session from one generation to the next, and from one proof to a better one.
#include "auth/store/sqlite/records.hpp"
#include "auth/store/sqlite/sqlite_store.hpp"
#include "auth/store/string_list.hpp"
#include "config/basics/enforced.hpp"

namespace gatehouse::auth::sqlite {

namespace {

/// RotationTerms that own their strings.
struct Terms {
    explicit Terms(const RotationTerms& terms)
        : issued_at(terms.issued_at),
          expires_at(terms.expires_at),
          address(terms.address),
          user_agent(terms.user_agent),
          watched(terms.watched),
          kept(terms.kept)
    {
    }

    Seconds issued_at;
    Seconds expires_at;
    std::string address;
    std::string user_agent;
    bool watched;
    std::uint32_t kept;
};

/// One conditional write: what it demands is judged and done in the same statement.
[[nodiscard]] std::string rotation_statement()
{
    std::string sql = "UPDATE sessions SET generation = ?2 + 1, issued_at = ?4, expires_at = ?5, "
                      "address = ?6, user_agent = ?7, used_ms = ?3, unseen = ?8 WHERE id = ?1";
    if (enforced("sqlite_store.rotate_current")) sql += " AND generation = ?2";          // R41
    if (enforced("sqlite_store.rotate_unended")) sql += " AND ended_ms IS NULL";         // R43
    if (enforced("sqlite_store.rotate_unexpired")) sql += " AND expires_at * 1000 > ?3"; // R45
    if (enforced("sqlite_store.rotate_unblocked")) {                                     // R46
        sql += " AND EXISTS (SELECT 1 FROM users WHERE users.id = user_id AND NOT blocked)";
    }
    return sql + " RETURNING number";
}

[[nodiscard]] std::optional<std::int64_t> advance(Database& database, std::string_view session_id,
                                                  Generation from, const Terms& terms, Millis now)
{
    static const auto sql = rotation_statement();
    auto rotated = database.query(sql, session_id, from, now, terms.issued_at, terms.expires_at,
                                  terms.address, terms.user_agent, terms.watched ? from + 1 : 0);
    if (!rotated.next()) return std::nullopt;
    return rotated.integer(0);
}

[[nodiscard]] bool rotate_session(Database& database, std::string_view session_id, Generation from,
                                  const Terms& terms, Millis now)
{
    const auto number = advance(database, session_id, from, terms, now);
    if (!number) return false;
    database.run("INSERT INTO superseded VALUES (?1, ?2, ?3)", *number, from, now);
    database.run("DELETE FROM superseded WHERE session = ?1 AND generation <= ?2 - ?3", *number,
                 from, terms.kept);
    return true;
}

/// One conditional write each.
[[nodiscard]] std::string seen_statement()
{
    std::string sql = "UPDATE sessions SET unseen = 0 WHERE id = ?1 AND ended_ms IS NULL";
    if (enforced("sqlite_store.seen_current")) sql += " AND unseen = ?2";
    return sql;
}

/// One conditional write.
[[nodiscard]] std::string amr_statement()
{
    std::string sql = "UPDATE sessions SET amr = ?2 WHERE id = ?1";
    if (enforced("sqlite_store.amr_expected")) sql += " AND amr = ?3";
    if (enforced("sqlite_store.amr_live"))
        sql += " AND ended_ms IS NULL AND expires_at * 1000 > ?4";
    return sql;
}

} // namespace

Result<bool, StoreError> SqliteStore::rotate(std::string_view session_id, Generation from,
                                             const RotationTerms& terms, Millis now)
{
    if (home_ != nullptr) return home_->rotate(session_id, from, terms, now);
    return writer_.run([id = std::string(session_id), from, owned = Terms(terms),
                        now](Database& database) -> Result<bool, StoreError> {
        return rotate_session(database, id, from, owned, now);
    });
}

Result<std::vector<SeenGeneration>, StoreError>
SqliteStore::mark_seen(std::span<const SeenGeneration> seen)
{
    using Left = std::vector<SeenGeneration>;
    if (home_ != nullptr) {
        const auto marked = home_->mark_seen(seen);
        return marked ? Result<Left, StoreError>(Left()) : marked.error();
    }
    return writer_.run(
        [all = Left(seen.begin(), seen.end())](Database& database) -> Result<Left, StoreError> {
            static const auto sql = seen_statement();
            for (const auto& each : all) database.run(sql, each.session_id, each.generation);
            return Left();
        });
}

Result<bool, StoreError> SqliteStore::replace_amr(std::string_view session_id,
                                                  std::span<const std::string> expected,
                                                  std::span<const std::string> amr,
                                                  const Deed& deed)
{
    if (home_ != nullptr) {
        const auto replaced = home_->replace_amr(session_id, expected, amr, deed.at);
        if (!replaced || !*replaced) return replaced;
    }
    return writer_.run([this, id = std::string(session_id), before = join_list(expected),
                        after = join_list(amr),
                        deed](Database& database) -> Result<bool, StoreError> {
        static const auto sql = amr_statement();
        if (home_ == nullptr && database.run(sql, id, after, before, deed.at) == 0) return false;
        keep_record(database, deed.record);
        return true;
    });
}

} // namespace gatehouse::auth::sqlite
