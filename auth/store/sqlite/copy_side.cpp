#include "auth/store/sqlite/copy_side.hpp"

#include "auth/store/sqlite/open.hpp"
#include "auth/store/sqlite/schema.hpp"
#include "auth/store/sqlite/transaction.hpp"

#include <optional>
#include <utility>

namespace gatehouse::auth::sqlite {

namespace {

namespace fs = std::filesystem;

[[nodiscard]] CopiedField field_of(const Rows& row, int column, FieldKind kind)
{
    if (row.is_null(column)) return std::monostate{};
    switch (kind) {
    case FieldKind::number:
    case FieldKind::truth:
        return row.integer(column);
    case FieldKind::text:
    case FieldKind::bytes:
        break;
    }
    return row.blob(column);
}

[[nodiscard]] Database::Parameter parameter_of(const CopiedField& field, FieldKind kind)
{
    if (const auto* number = std::get_if<std::int64_t>(&field)) return *number;
    const auto* bytes = std::get_if<std::string>(&field);
    if (bytes == nullptr) return std::monostate{};
    if (kind == FieldKind::bytes) return Blob{*bytes};
    return std::string_view(*bytes);
}

[[nodiscard]] std::string insertion(const CopiedTable& table)
{
    std::string values;
    for (std::size_t i = 1; i <= table.columns.size(); ++i) {
        values += (i == 1 ? "?" : ", ?") + std::to_string(i);
    }
    return "INSERT INTO " + std::string(table.name) + " (" + table.column_list() + ") VALUES (" +
           values + ")";
}

[[nodiscard]] std::int64_t version_in(Database& database)
{
    const auto found = schema_version(database);
    return found ? found->version : 0;
}

class Side final : public CopySide {
public:
    Side(HeldDatabase held, CopyRole role)
        : held_(std::move(held)),
          transaction_(held_.database, role == CopyRole::target ? Transaction::Kind::write
                                                                : Transaction::Kind::snapshot),
          version_(version_in(held_.database))
    {
    }

    bool has(const CopiedTable& table) override
    {
        return held_.database
            .query("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1", table.name)
            .next();
    }

    bool is_empty(const CopiedTable& table) override
    {
        return !held_.database.query("SELECT 1 FROM " + std::string(table.name) + " LIMIT 1")
                    .next();
    }

    void read_from(const CopiedTable& table) override
    {
        rows_.reset(); // gives its statement back before it is asked for again
        reading_ = &table;
        rows_.emplace(held_.database.query("SELECT " + table.column_list(version_, "") + " FROM " +
                                           std::string(table.name) + " ORDER BY " +
                                           table.key_list()));
    }

    std::vector<CopiedRow> read_more() override
    {
        std::vector<CopiedRow> rows;
        while (rows_ && rows.size() < copied_at_once) {
            if (rows_->next())
                rows.push_back(this_row());
            else
                rows_.reset();
        }
        return rows;
    }

    std::uint64_t newest_change() override
    {
        // Not max(sequence): the newest rows may have been forgotten, their numbers are not.
        return static_cast<std::uint64_t>(held_.database.integer(
            "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'changes'"));
    }

    void write(const CopiedTable& table, std::span<const CopiedRow> rows) override
    {
        const auto sql = insertion(table);
        std::vector<Database::Parameter> parameters;
        for (const auto& row : rows) {
            parameters.clear();
            for (std::size_t i = 0; i < row.size(); ++i) {
                parameters.push_back(parameter_of(row.at(i), table.columns[i].kind));
            }
            held_.database.run_with(sql, parameters);
        }
    }

    void set_newest_change(std::uint64_t number) override
    {
        if (held_.database.run("UPDATE sqlite_sequence SET seq = ?1 WHERE name = 'changes'",
                               number) == 0) {
            held_.database.run("INSERT INTO sqlite_sequence (name, seq) VALUES ('changes', ?1)",
                               number);
        }
    }

    // SQLite goes on above what is there.
    void go_on_numbering(const CopiedTable&) override {}

    void commit() override
    {
        rows_.reset();
        transaction_.commit();
        // All of it is in the log, and the first write of a gateway would wait for its way into the
        // file. Nobody else is here, so it is done now; if it fails, that gateway does it.
        sqlite3_wal_checkpoint_v2(held_.database.handle(), nullptr, SQLITE_CHECKPOINT_TRUNCATE,
                                  nullptr, nullptr);
    }

private:
    [[nodiscard]] CopiedRow this_row() const
    {
        CopiedRow row;
        row.reserve(reading_->columns.size());
        int column = 0;
        for (const auto& each : reading_->columns) {
            row.push_back(field_of(*rows_, column++, each.kind));
        }
        return row;
    }

    HeldDatabase held_;
    Transaction transaction_;
    const std::int64_t version_; // of the tables
    const CopiedTable* reading_ = nullptr;
    std::optional<Rows> rows_;
};

/// What a source may be: a newer version could keep what we would leave behind.
[[nodiscard]] std::optional<std::string> problem_with(Database& database)
{
    const auto found = schema_version(database);
    if (!found) return found.error();
    if (found->version == 0) return "is empty: no Gatehouse has used it yet";
    if (found->version <= newest_schema_version()) return std::nullopt;
    return "was changed by a newer Gatehouse; copy it with that one";
}

} // namespace

Result<std::unique_ptr<CopySide>, std::string> open_side(const fs::path& given, CopyRole role)
{
    using Opened = Result<std::unique_ptr<CopySide>, std::string>;
    const auto path = fs::absolute(given).string();
    const auto fail = [&](const std::string& why) {
        return Opened(boost::system::in_place_error, path + ": " + why);
    };
    const bool is_source = role == CopyRole::source;
    auto held = open_alone(path, is_source ? WhenMissing::refuse : WhenMissing::make);
    if (!held) return Opened(boost::system::in_place_error, held.error());
    try {
        const auto problem = is_source ? problem_with(held->database) : std::nullopt;
        if (problem) return fail(*problem);
        return Opened(std::make_unique<Side>(*std::move(held), role));
    } catch (const Failure& failure) {
        return fail(std::string("cannot be read: ") + failure.what());
    }
}

} // namespace gatehouse::auth::sqlite
