#include "auth/store/postgres/copy_side.hpp"

#include "auth/store/postgres/address.hpp"
#include "auth/store/postgres/schema.hpp"
#include "auth/store/postgres/watchdog.hpp"
#include "config/basics/enforced.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <thread>

namespace gatehouse::auth::postgres {

namespace {

using namespace std::chrono_literals;

// A sort of the largest table, or the COMMIT of everything, on a busy server.
constexpr auto longest_statement = 10min;

// Connecting, making the tables, waiting for a lock.
constexpr auto longest_beginning = 30s;

// A gateway that was stopped, or a command that looked, is gone from the server's list in a moment.
constexpr auto others_patience = 500ms;

[[nodiscard]] std::string qualified(const CopiedTable& table)
{
    return "gatehouse." + std::string(table.name);
}

[[nodiscard]] CopiedField field_of(const Rows& row, int column, FieldKind kind)
{
    if (row.is_null(column)) return std::monostate{};
    switch (kind) {
    case FieldKind::number:
        return row.integer(column);
    case FieldKind::truth:
        return std::int64_t{row.boolean(column)};
    case FieldKind::text:
    case FieldKind::bytes:
        break;
    }
    return row.bytes(column);
}

/// Digits, a word, or hex: nothing that a client sent is ever read as SQL. E'' means the same
/// whatever `standard_conforming_strings` says.
[[nodiscard]] std::string literal_of(const CopiedField& field, FieldKind kind)
{
    if (const auto* bytes = std::get_if<std::string>(&field)) {
        return "E'\\" + to_bytea(*bytes) + "'";
    }
    const auto* number = std::get_if<std::int64_t>(&field);
    if (number == nullptr) return "NULL";
    if (kind == FieldKind::truth) return *number != 0 ? "true" : "false";
    return std::to_string(*number);
}

[[nodiscard]] std::string values_of(const CopiedTable& table, const CopiedRow& row)
{
    std::string list = "(";
    for (std::size_t i = 0; i < row.size(); ++i) {
        if (i > 0) list += ", ";
        list += literal_of(row.at(i), table.columns[i].kind);
    }
    return list + ")";
}

class Side final : public CopySide {
public:
    explicit Side(const Place& place)
        : connection_(std::string(
              address_for(place.url, place.password, place.transaction_pooling).reveal())),
          pooled_(place.transaction_pooling)
    {
    }

    /// Locks the tables. The error: why that must not be.
    [[nodiscard]] std::optional<std::string> begin(CopyRole role)
    {
        const Watchdog::Watch watch(dog_, connection_, Watchdog::Steady::now() + longest_beginning);
        if (role == CopyRole::target) {
            const auto made = bring_up_to_date_beside_others(connection_);
            if (!made) return made.error();
        } else if (auto problem = problem_with_source()) {
            return problem;
        }
        find_tables();
        version_ = schema_version(connection_).version;
        if (auto others = wait_for_others()) return others;
        connection_.execute(beginning(role));
        return others_here(); // who came before the tables were locked
    }

    bool has(const CopiedTable& table) override
    {
        return tables_.contains(std::string(table.name));
    }

    bool is_empty(const CopiedTable& table) override
    {
        return !execute("SELECT 1 FROM " + qualified(table) + " LIMIT 1").next();
    }

    void read_from(const CopiedTable& table) override
    {
        close();
        execute("DECLARE copied NO SCROLL CURSOR FOR SELECT " +
                table.column_list(version_, "::bytea") + " FROM " + qualified(table) +
                " ORDER BY " + table.key_list());
        reading_ = &table;
    }

    std::vector<CopiedRow> read_more() override
    {
        std::vector<CopiedRow> rows;
        if (reading_ == nullptr) return rows;
        auto fetched = execute("FETCH FORWARD " + std::to_string(copied_at_once) + " FROM copied");
        while (fetched.next()) rows.push_back(row_of(fetched));
        if (rows.empty()) close();
        return rows;
    }

    std::uint64_t newest_change() override
    {
        auto row = execute("SELECT last FROM gatehouse.feed");
        return row.next() ? static_cast<std::uint64_t>(row.integer(0)) : 0;
    }

    void write(const CopiedTable& table, std::span<const CopiedRow> rows) override
    {
        std::string sql = "INSERT INTO " + qualified(table) + " (" + table.column_list() + ")" +
                          (table.numbers_itself ? " OVERRIDING SYSTEM VALUE" : "") + " VALUES ";
        for (const auto& row : rows) sql += values_of(table, row) + ",";
        sql.pop_back();
        execute(sql);
    }

    void set_newest_change(std::uint64_t number) override
    {
        execute("UPDATE gatehouse.feed SET last = " + std::to_string(number));
    }

    void go_on_numbering(const CopiedTable& table) override
    {
        const auto number = std::string(table.columns.front().name);
        execute("SELECT setval(pg_get_serial_sequence('" + qualified(table) + "', '" + number +
                "'), coalesce(max(" + number + "), 1), max(" + number + ") IS NOT NULL) FROM " +
                qualified(table));
    }

    void commit() override
    {
        close();
        try {
            execute("COMMIT");
        } catch (const Failure& failure) {
            if (failure.kind() != Failure::Kind::lost) throw;
            throw Failure(failure.kind(), std::string("the server was gone before it said whether "
                                                      "it kept the copy: ") +
                                              failure.what() +
                                              "\n  hint: run the same command once more, it tells");
        }
    }

private:
    Rows execute(const std::string& sql)
    {
        const Watchdog::Watch watch(dog_, connection_, Watchdog::Steady::now() + longest_statement);
        return connection_.execute(sql);
    }

    void close()
    {
        if (std::exchange(reading_, nullptr) != nullptr) execute("CLOSE copied");
    }

    /// What a source may be: a newer version could keep what we would leave behind.
    [[nodiscard]] std::optional<std::string> problem_with_source()
    {
        const auto found = schema_version(connection_);
        if (found.version == 0) return "is empty: no Gatehouse has used it yet";
        if (found.version <= newest_schema_version()) return std::nullopt;
        return "was changed by a newer Gatehouse; copy it with that one";
    }

    void find_tables()
    {
        auto rows = connection_.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'gatehouse'");
        while (rows.next()) tables_.insert(rows.text(0));
    }

    /// LOCK TABLE comes before the first SELECT: a snapshot that was taken earlier would not have
    /// what a writer committed for whom the lock had to wait.
    [[nodiscard]] std::string beginning(CopyRole role) const
    {
        std::string locked = "gatehouse.feed";
        for (const auto& table : copied_tables()) {
            if (tables_.contains(std::string(table.name))) locked += ", " + qualified(table);
        }
        const bool reads = role == CopyRole::source;
        return std::string("BEGIN ISOLATION LEVEL ") +
               (reads ? "REPEATABLE READ" : "READ COMMITTED") +
               "; SET LOCAL lock_timeout = '5s'; SET LOCAL statement_timeout = 0; "
               "SET LOCAL idle_in_transaction_session_timeout = 0; "
               "SET LOCAL bytea_output = 'hex'; LOCK TABLE " +
               locked + (reads ? " IN SHARE MODE" : " IN SHARE ROW EXCLUSIVE MODE");
    }

    [[nodiscard]] std::optional<std::string> wait_for_others()
    {
        const auto give_up = std::chrono::steady_clock::now() + others_patience;
        auto others = others_here();
        while (others && std::chrono::steady_clock::now() < give_up) {
            std::this_thread::sleep_for(50ms);
            others = others_here();
        }
        return others;
    }

    /// Who else uses this database. A pooler keeps connections of those who have gone, so behind
    /// one it is the lease that tells.
    [[nodiscard]] std::optional<std::string> others_here()
    {
        if (!enforced("postgres_store.copied_alone")) return std::nullopt;
        if (pooled_) return lease_holder();
        auto row = connection_.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "
            "application_name = current_setting('application_name') AND "
            "pid <> pg_backend_pid()");
        if (!row.next() || row.integer(0) == 0) return std::nullopt;
        return "is used by other Gatehouse processes (" + row.text(0) +
               " connections); stop every gateway first";
    }

    [[nodiscard]] std::optional<std::string> lease_holder()
    {
        if (!tables_.contains("leases")) return std::nullopt;
        auto row = connection_.execute(
            "SELECT (until_ms - (extract(epoch FROM now()) * 1000)::bigint) / 1000 + 1 FROM "
            "gatehouse.leases WHERE until_ms > (extract(epoch FROM now()) * 1000)::bigint "
            "ORDER BY until_ms DESC LIMIT 1");
        if (!row.next()) return std::nullopt;
        return "is used by a gateway, or was by one that was killed: its lease ends in " +
               row.text(0) + " seconds; stop every gateway, or wait";
    }

    [[nodiscard]] CopiedRow row_of(const Rows& fetched) const
    {
        CopiedRow row;
        row.reserve(reading_->columns.size());
        int column = 0;
        for (const auto& each : reading_->columns) {
            row.push_back(field_of(fetched, column++, each.kind));
        }
        return row;
    }

    Watchdog dog_;
    Connection connection_;
    const bool pooled_;
    std::set<std::string> tables_;
    std::int64_t version_ = 0; // of the tables
    const CopiedTable* reading_ = nullptr;
};

} // namespace

Result<std::unique_ptr<CopySide>, std::string> open_side(const Place& place, CopyRole role)
{
    using Opened = Result<std::unique_ptr<CopySide>, std::string>;
    const auto fail = [](const std::string& why) {
        return Opened(boost::system::in_place_error, "PostgreSQL " + why);
    };
    if (role == CopyRole::target) {
        if (const auto problem = problem_with(place)) return fail(*problem);
    }
    try {
        auto side = std::make_unique<Side>(place);
        if (const auto problem = side->begin(role)) return fail(*problem);
        return Opened(std::move(side));
    } catch (const Failure& failure) {
        return fail(std::string("cannot be used: ") + failure.what());
    }
}

} // namespace gatehouse::auth::postgres
