#include "auth/store/copy/copy_store.hpp"

#include "auth/store/postgres/copy_side.hpp"
#include "auth/store/sqlite/copy_side.hpp"
#include "config/basics/enforced.hpp"
#include "config/forms/address.hpp"

#include <algorithm>
#include <memory>
#include <stdexcept>

namespace gatehouse::auth {

namespace {

constexpr std::string_view sqlite_scheme = "sqlite:";

using Done = Result<CopyReport, std::string>;
using Opened = Result<std::unique_ptr<CopySide>, std::string>;

[[nodiscard]] Done failure(std::string sentence)
{
    return {boost::system::in_place_error, std::move(sentence)};
}

[[nodiscard]] bool is_sqlite(std::string_view spec)
{
    return spec.starts_with(sqlite_scheme) && spec.size() > sqlite_scheme.size();
}

[[nodiscard]] Opened open_side(std::string_view spec, CopyRole role,
                               const config::PostgresSettings& settings)
{
    if (is_sqlite(spec)) return sqlite::open_side(spec.substr(sqlite_scheme.size()), role);
    return postgres::open_side({std::string(spec),
                                settings.password,
                                settings.accept_data_loss,
                                settings.transaction_pooling,
                                {}},
                               role);
}

/// Every row, and nothing else, goes through here: what is copied and what is compared.
template <class Use>
[[nodiscard]] RowsMeasure measure(CopySide& side, const CopiedTable& table, const Use& use)
{
    RowsDigest digest;
    if (!side.has(table)) return digest.finish();
    side.read_from(table);
    for (auto rows = side.read_more(); !rows.empty(); rows = side.read_more()) {
        for (const auto& row : rows) digest.add(row);
        use(rows);
    }
    return digest.finish();
}

/// Whose first column is the name.
void note_names(const CopiedTable& table, const std::vector<CopiedRow>& rows, CopyReport& report)
{
    if (table.name != "kept_keys") return;
    for (const auto& row : rows) {
        if (const auto* name = std::get_if<std::string>(&row.front())) {
            report.kept_keys.push_back(*name);
        }
    }
}

[[nodiscard]] RowsMeasure measure(CopySide& side, const CopiedTable& table)
{
    return measure(side, table, [](const auto&) {});
}

/// What can be in neither store needs no line.
[[nodiscard]] std::vector<const CopiedTable*> tables_of(CopySide& target)
{
    std::vector<const CopiedTable*> found;
    for (const auto& table : copied_tables()) {
        if (target.has(table)) found.push_back(&table);
    }
    return found;
}

[[nodiscard]] bool is_empty(CopySide& side, const std::vector<const CopiedTable*>& tables)
{
    return std::ranges::all_of(tables, [&](const auto* table) { return side.is_empty(*table); });
}

[[nodiscard]] bool is_same(const CopyReport& report)
{
    return report.target_change >= report.source_change &&
           std::ranges::all_of(report.tables,
                               [](const auto& line) { return line.source == line.target; });
}

[[nodiscard]] std::string differences(const CopyReport& report)
{
    std::string list;
    for (const auto& line : report.tables) {
        if (line.source == line.target) continue;
        list += list.empty() ? "" : ", ";
        list += std::string(line.table) + " (" + std::to_string(line.source.rows) + " there, " +
                std::to_string(line.target.rows) + " here)";
    }
    return list.empty() ? "the number of the newest change" : list;
}

/// A target with something in it is a complete copy or none at all.
[[nodiscard]] Done look_at_full_target(CopySide& source, CopySide& target,
                                       const std::vector<const CopiedTable*>& tables)
{
    CopyReport report;
    report.was_there = true;
    for (const auto* table : tables) {
        auto read =
            measure(source, *table, [&](const auto& rows) { note_names(*table, rows, report); });
        report.tables.push_back({table->name, std::move(read), measure(target, *table)});
    }
    report.source_change = source.newest_change();
    report.target_change = target.newest_change();
    if (is_same(report)) return report;
    return failure("the target is not empty, and differs from the source in " +
                   differences(report) +
                   "; nothing was changed\n  hint: name an empty database or a new file");
}

[[nodiscard]] Done fill(CopySide& source, CopySide& target,
                        const std::vector<const CopiedTable*>& tables)
{
    CopyReport report;
    for (const auto* table : tables) {
        auto read = measure(source, *table, [&](const auto& rows) {
            target.write(*table, rows);
            note_names(*table, rows, report);
        });
        if (table->numbers_itself) target.go_on_numbering(*table);
        report.tables.push_back({table->name, std::move(read), {}});
    }
    report.source_change = source.newest_change();
    // Whoever listens to either feed never hears a number again.
    target.set_newest_change(std::max(report.source_change, target.newest_change()));

    for (std::size_t i = 0; i < tables.size(); ++i) {
        report.tables[i].target = measure(target, *tables[i]);
    }
    report.target_change = target.newest_change();
    if (enforced("store_copy.compared") && !is_same(report)) {
        return failure("what was written is not what came back from the target: " +
                       differences(report) + "; nothing was kept");
    }
    target.commit();
    return report;
}

} // namespace

bool can_be_copied(std::string_view spec)
{
    return is_sqlite(spec) || config::is_postgres(spec);
}

Result<CopyReport, std::string> copy_between(CopySide& source, CopySide& target)
{
    const auto tables = tables_of(target);
    const bool full = !is_empty(target, tables);
    if (enforced("store_copy.empty_target") && full) {
        return look_at_full_target(source, target, tables);
    }
    return fill(source, target, tables);
}

Result<CopyReport, std::string> copy_store(std::string_view from, std::string_view to,
                                           const config::PostgresSettings& settings)
{
    const auto source = open_side(from, CopyRole::source, settings);
    if (!source) return failure("source: " + source.error());
    const auto target = open_side(to, CopyRole::target, settings);
    if (!target) return failure("target: " + target.error());
    try {
        return copy_between(**source, **target);
    } catch (const std::runtime_error& error) {
        return failure(error.what());
    }
}

} // namespace gatehouse::auth
