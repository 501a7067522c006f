#include "auth/store/postgres/postgres_store.hpp"
#include "auth/store/postgres/records.hpp"
#include "config/basics/enforced.hpp"

namespace gatehouse::auth::postgres {

namespace {

/// Many records as what one statement takes: a list for each column.
struct Columns {
    using Texts = std::vector<std::string>;

    Texts times, events, outcomes, users, sessions, addresses, requests, details;

    void add(const AuditRecord& record)
    {
        times.push_back(std::to_string(record.at.time_since_epoch().count()));
        events.push_back(record.event);
        outcomes.push_back(record.outcome);
        users.push_back(record.user_id);
        sessions.push_back(record.session_id);
        addresses.push_back(record.address);
        requests.push_back(record.request_id);
        details.push_back(record.detail);
    }
};

/// A user who is gone left an id, and no address.
[[nodiscard]] std::string insertion()
{
    const std::string address = enforced("postgres_store.deleted_address")
                                    ? "CASE WHEN user_id = '' OR EXISTS (SELECT 1 FROM "
                                      "gatehouse.users AS u WHERE u.id = news.user_id) "
                                      "THEN address ELSE '' END"
                                    : "address";
    return "INSERT INTO gatehouse.audit (at_ms, event, outcome, user_id, session_id, address, "
           "request_id, detail) SELECT convert_from(at_text, 'SQL_ASCII')::bigint, event, outcome, "
           "user_id, session_id, " +
           address +
           ", request_id, detail FROM unnest($1::bytea[], $2::bytea[], $3::bytea[], $4::bytea[], "
           "$5::bytea[], $6::bytea[], $7::bytea[], $8::bytea[]) WITH ORDINALITY AS news (at_text, "
           "event, "
           "outcome, user_id, session_id, address, request_id, detail, n) ORDER BY n";
}

void insert(Connection& connection, const Columns& columns)
{
    static const auto sql = insertion();
    connection.run(sql, columns.times, columns.events, columns.outcomes, columns.users,
                   columns.sessions, columns.addresses, columns.requests, columns.details);
}

[[nodiscard]] AuditRecord record_from(const Rows& row)
{
    AuditRecord record;
    record.number = static_cast<std::uint64_t>(row.integer(0));
    record.at = row.millis(1);
    record.event = row.bytes(2);
    record.outcome = row.bytes(3);
    record.user_id = row.bytes(4);
    record.session_id = row.bytes(5);
    record.address = row.bytes(6);
    record.request_id = row.bytes(7);
    record.detail = row.bytes(8);
    return record;
}

/// `whose` narrows it down by an index; empty: everybody's.
[[nodiscard]] std::string page_statement(std::string_view whose)
{
    return "SELECT number, at_ms, event, outcome, user_id, session_id, address, request_id, detail "
           "FROM gatehouse.audit WHERE at_ms >= $1 AND (at_ms, number) < ($2, $3) "
           "AND ($4::bytea = '' OR event = $4::bytea) " +
           std::string(whose) + "ORDER BY at_ms DESC, number DESC LIMIT $5";
}

} // namespace

void keep_record(Connection& connection, const std::optional<AuditRecord>& record)
{
    if (!record) return;
    Columns columns;
    columns.add(*record);
    insert(connection, columns);
}

void remove_addresses_of(Connection& connection, std::string_view user_id)
{
    connection.run("UPDATE gatehouse.audit SET address = '' WHERE user_id = $1 AND address <> ''",
                   user_id);
}

Result<void, StoreError> PostgresStore::append_audit(std::span<const AuditRecord> records)
{
    if (records.empty()) return {};
    Columns columns;
    for (const auto& record : records) columns.add(record);
    return pool_->run(Access::write, [&](Connection& connection) -> Result<void, StoreError> {
        // Who deletes one of them comes before, and their addresses are not written, or after, and
        // removes them. In one order, so that no two who append wait for each other.
        connection.query("SELECT 1 FROM gatehouse.users WHERE id = ANY ($1::bytea[]) ORDER BY id "
                         "FOR KEY SHARE",
                         columns.users);
        insert(connection, columns);
        return {};
    });
}

Result<std::vector<AuditRecord>, StoreError>
PostgresStore::read_audit(const AuditFilter& filter, const AuditPlace& before, std::size_t limit)
{
    using Page = Result<std::vector<AuditRecord>, StoreError>;
    return pool_->run(Access::statement, [&](Connection& connection) -> Page {
        static const auto of_all = page_statement("");
        static const auto of_one = page_statement("AND user_id = $6 ");
        auto rows = filter.user_id.empty()
                        ? connection.query(of_all, filter.since, before.at, before.number,
                                           filter.event, limit)
                        : connection.query(of_one, filter.since, before.at, before.number,
                                           filter.event, limit, filter.user_id);
        std::vector<AuditRecord> page;
        while (rows.next()) page.push_back(record_from(rows));
        return page;
    });
}

Result<bool, StoreError> PostgresStore::forget_audit_before(Millis before, std::size_t at_most)
{
    return pool_->run(Access::write, [&](Connection& connection) -> Result<bool, StoreError> {
        const auto forgotten =
            connection.run("DELETE FROM gatehouse.audit WHERE number IN (SELECT number FROM "
                           "gatehouse.audit WHERE at_ms < $1 ORDER BY at_ms, number LIMIT $2 "
                           "FOR UPDATE SKIP LOCKED)",
                           before, at_most);
        return std::cmp_equal(forgotten, at_most);
    });
}

} // namespace gatehouse::auth::postgres
