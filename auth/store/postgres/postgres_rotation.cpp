// The way of a session from one generation to the next, and from one proof to a better one.
#include "auth/store/postgres/postgres_store.hpp"
#include "auth/store/postgres/records.hpp"
#include "auth/store/string_list.hpp"
#include "config/basics/enforced.hpp"

namespace gatehouse::auth::postgres {

namespace {

/// One conditional write: what it demands is judged and done in the same statement. A rival that
/// came first holds the row's lock; after it, PostgreSQL judges the row anew.
[[nodiscard]] std::string rotation_statement()
{
    std::string sql = "WITH rotated AS (UPDATE gatehouse.sessions SET generation = $2::bigint + 1, "
                      "issued_at = $4, expires_at = $5, address = $6, user_agent = $7, "
                      "used_ms = $3::bigint, unseen = $9 WHERE id = $1";
    if (enforced("postgres_store.rotate_current")) sql += " AND generation = $2::bigint"; // R41
    if (enforced("postgres_store.rotate_unended")) sql += " AND ended_ms IS NULL";        // R43
    if (enforced("postgres_store.rotate_unexpired")) {                                    // R45
        sql += " AND expires_at * 1000 > $3::bigint";
    }
    // A block ends the user's sessions in its transaction; this is for a row that escaped it. R46
    if (enforced("postgres_store.rotate_unblocked")) {
        sql += " AND EXISTS (SELECT 1 FROM gatehouse.users AS u WHERE u.id = user_id AND "
               "NOT u.blocked)";
    }
    return sql +
           " RETURNING number), "
           "forgotten AS (DELETE FROM gatehouse.superseded USING rotated "
           "WHERE session = rotated.number AND superseded.generation <= $2::bigint - $8::bigint) "
           "INSERT INTO gatehouse.superseded SELECT number, $2::bigint, $3::bigint FROM rotated";
}

/// The sessions whose unseen generation is among `$1` (ids) and `$2` (generations, as digits).
[[nodiscard]] std::string seen_sessions(std::string_view what)
{
    std::string sql = "SELECT " + std::string(what) +
                      " FROM gatehouse.sessions AS s JOIN unnest($1::bytea[], $2::bytea[]) "
                      "AS news (id, generation) ON s.id = news.id WHERE s.ended_ms IS NULL AND "
                      "s.unseen <> 0";
    if (enforced("postgres_store.seen_current")) {
        sql += " AND s.unseen = convert_from(news.generation, 'UTF8')::bigint";
    }
    return sql;
}

/// Many rows of many users, in no order: whoever waited for one while others wait for him would
/// wait for ever. So a row that is locked is left for the next time.
[[nodiscard]] std::vector<SeenGeneration> mark(Connection& connection,
                                               std::span<const SeenGeneration> seen)
{
    static const auto clearing = "UPDATE gatehouse.sessions SET unseen = 0 WHERE number IN (" +
                                 seen_sessions("s.number") + " FOR UPDATE OF s SKIP LOCKED)";
    static const auto looking = seen_sessions("s.id, s.unseen");
    std::vector<std::string> ids;
    std::vector<std::string> generations;
    for (const auto& [session_id, generation] : seen) {
        ids.push_back(session_id);
        generations.push_back(std::to_string(generation));
    }
    const std::span<const std::string> all_ids(ids);
    const std::span<const std::string> all_generations(generations);
    connection.run(clearing, all_ids, all_generations);
    auto rows = connection.query(looking, all_ids, all_generations);
    std::vector<SeenGeneration> left;
    while (rows.next()) left.push_back({rows.bytes(0), static_cast<Generation>(rows.integer(1))});
    return left;
}

/// One conditional write, as the rotation is.
[[nodiscard]] std::string amr_statement()
{
    std::string sql = "UPDATE gatehouse.sessions SET amr = $2 WHERE id = $1";
    sql += enforced("postgres_store.amr_expected") ? " AND amr = $3" : " AND $3::bytea IS NOT NULL";
    sql += enforced("postgres_store.amr_live")
               ? " AND ended_ms IS NULL AND expires_at * 1000 > $4::bigint"
               : " AND $4::bigint > 0";
    return sql;
}

} // namespace

Result<bool, StoreError> PostgresStore::rotate(std::string_view session_id, Generation from,
                                               const RotationTerms& terms, Millis now)
{
    if (home_ != nullptr) return home_->rotate(session_id, from, terms, now);
    return pool_->run(Access::write, [&](Connection& connection) -> Result<bool, StoreError> {
        static const auto sql = rotation_statement();
        return connection.run(sql, session_id, from, now, terms.issued_at, terms.expires_at,
                              terms.address, terms.user_agent, terms.kept,
                              terms.watched ? from + 1 : 0) > 0;
    });
}

Result<std::vector<SeenGeneration>, StoreError>
PostgresStore::mark_seen(std::span<const SeenGeneration> seen)
{
    using Left = Result<std::vector<SeenGeneration>, StoreError>;
    if (home_ != nullptr) {
        const auto marked = home_->mark_seen(seen);
        return marked ? Left(std::vector<SeenGeneration>()) : Left(marked.error());
    }
    return pool_->run(Access::tally,
                      [&](Connection& connection) -> Left { return mark(connection, seen); });
}

Result<bool, StoreError> PostgresStore::replace_amr(std::string_view session_id,
                                                    std::span<const std::string> expected,
                                                    std::span<const std::string> amr,
                                                    const Deed& deed)
{
    if (home_ != nullptr) {
        const auto replaced = home_->replace_amr(session_id, expected, amr, deed.at);
        if (!replaced || !*replaced) return replaced;
    }
    return pool_->run(Access::write, [&](Connection& connection) -> Result<bool, StoreError> {
        static const auto sql = amr_statement();
        if (home_ == nullptr &&
            connection.run(sql, session_id, join_list(amr), join_list(expected), deed.at) == 0) {
            return false;
        }
        keep_record(connection, deed.record);
        return true;
    });
}

} // namespace gatehouse::auth::postgres
