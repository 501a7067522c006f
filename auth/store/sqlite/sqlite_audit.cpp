#include "auth/store/sqlite/records.hpp"
#include "auth/store/sqlite/sqlite_store.hpp"
#include "config/basics/enforced.hpp"

namespace gatehouse::auth::sqlite {

namespace {

[[nodiscard]] AuditRecord record_from(const Rows& row)
{
    AuditRecord record;
    record.number = static_cast<std::uint64_t>(row.integer(0));
    record.at = row.millis(1);
    record.event = row.text(2);
    record.outcome = row.text(3);
    record.user_id = row.text(4);
    record.session_id = row.text(5);
    record.address = row.text(6);
    record.request_id = row.text(7);
    record.detail = row.text(8);
    return record;
}

[[nodiscard]] bool is_gone(Database& database, std::string_view user_id)
{
    return !user_id.empty() && !database.query("SELECT 1 FROM users WHERE id = ?1", user_id).next();
}

/// `whose` narrows it down by an index; empty: everybody's.
[[nodiscard]] std::string page_statement(std::string_view whose)
{
    return "SELECT number, at_ms, event, outcome, user_id, session_id, address, request_id, detail "
           "FROM audit WHERE at_ms >= ?1 AND (at_ms, number) < (?2, ?3) "
           "AND (?4 = '' OR event = ?4) " +
           std::string(whose) + "ORDER BY at_ms DESC, number DESC LIMIT ?5";
}

} // namespace

void keep_record(Database& database, const std::optional<AuditRecord>& record)
{
    if (!record) return;
    const bool hide =
        enforced("sqlite_store.deleted_address") && is_gone(database, record->user_id);
    database.run("INSERT INTO audit (at_ms, event, outcome, user_id, session_id, address, "
                 "request_id, detail) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                 record->at, record->event, record->outcome, record->user_id, record->session_id,
                 hide ? std::string_view() : std::string_view(record->address), record->request_id,
                 record->detail);
}

void remove_addresses_of(Database& database, std::string_view user_id)
{
    database.run("UPDATE audit SET address = '' WHERE user_id = ?1 AND address <> ''", user_id);
}

Result<void, StoreError> SqliteStore::append_audit(std::span<const AuditRecord> records)
{
    return writer_.run([owned = std::vector(records.begin(), records.end())](
                           Database& database) -> Result<void, StoreError> {
        for (const auto& record : owned) keep_record(database, record);
        return {};
    });
}

Result<std::vector<AuditRecord>, StoreError>
SqliteStore::read_audit(const AuditFilter& filter, const AuditPlace& before, std::size_t limit)
{
    using Page = Result<std::vector<AuditRecord>, StoreError>;
    return readers_.run([&](Database& database) -> Page {
        static const auto of_all = page_statement("");
        static const auto of_one = page_statement("AND user_id = ?6 ");
        auto rows = filter.user_id.empty()
                        ? database.query(of_all, filter.since, before.at, before.number,
                                         filter.event, limit)
                        : database.query(of_one, filter.since, before.at, before.number,
                                         filter.event, limit, filter.user_id);
        std::vector<AuditRecord> page;
        while (rows.next()) page.push_back(record_from(rows));
        return page;
    });
}

Result<bool, StoreError> SqliteStore::forget_audit_before(Millis before, std::size_t at_most)
{
    return writer_.run([before, at_most](Database& database) -> Result<bool, StoreError> {
        const auto forgotten =
            database.run("DELETE FROM audit WHERE number IN (SELECT number FROM audit "
                         "WHERE at_ms < ?1 ORDER BY at_ms LIMIT ?2)",
                         before, at_most);
        return std::cmp_equal(forgotten, at_most);
    });
}

} // namespace gatehouse::auth::sqlite
