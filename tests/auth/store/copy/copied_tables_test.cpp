#include "auth/store/copy/rows_digest.hpp"
#include "auth/store/postgres/connection.hpp"
#include "auth/store/sqlite/database.hpp"
#include "tests/auth/store/contract.hpp"
#include "tests/auth/store/postgres/server.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <set>

namespace gatehouse::auth::contract {
namespace {

using Columns = std::map<std::string, std::vector<std::string>>;

[[nodiscard]] Columns columns_of_sqlite(const std::filesystem::path& path)
{
    sqlite::Database database(path.string(), 1s);
    auto rows = database.query(
        "SELECT t.name, c.name FROM sqlite_schema AS t, pragma_table_info(t.name) AS c "
        "WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' ORDER BY t.name, c.cid");
    Columns found;
    while (rows.next()) found[rows.text(0)].push_back(rows.text(1));
    return found;
}

[[nodiscard]] Columns columns_of_postgres()
{
    postgres::Connection connection(postgres::Server::shared().url());
    auto rows = connection.execute("SELECT table_name, column_name FROM information_schema.columns "
                                   "WHERE table_schema = 'gatehouse' "
                                   "ORDER BY table_name, ordinal_position");
    Columns found;
    while (rows.next()) found[rows.text(0)].push_back(rows.text(1));
    return found;
}

[[nodiscard]] Columns columns_that_are_copied()
{
    Columns copied;
    for (const auto& table : copied_tables()) {
        for (const auto& column : table.columns) {
            copied[std::string(table.name)].emplace_back(column.name);
        }
    }
    return copied;
}

/// Whoever adds a table or a column decides here whether it moves with a store.
TEST(CopiedTables, AreAllThatIsNotLeftBehindOnPurpose)
{
    const TemporaryFolder folder;
    static_cast<void>(open_kind("sqlite", folder.path()));
    static_cast<void>(open_kind("postgres", folder.path()));
    const auto copied = columns_that_are_copied();
    for (auto found : {columns_of_sqlite(folder.path() / "gatehouse.db"), columns_of_postgres()}) {
        ASSERT_TRUE(found.contains("users"));
        for (const auto name : tables_left_behind()) found.erase(std::string(name));
        for (auto& [table, columns] : found) {
            SCOPED_TRACE(table);
            ASSERT_TRUE(copied.contains(table));
            auto expected = copied.at(table);
            std::ranges::sort(columns);
            std::ranges::sort(expected);
            EXPECT_EQ(columns, expected);
        }
    }
}

TEST(RowsDigest, TellsApartWhatIsNotTheSame)
{
    using Rows = std::vector<CopiedRow>;
    const Rows tables[] = {
        {},
        {{"ab", "c"}},
        {{"a", "bc"}},
        {{"ab"}, {"c"}},
        {{"", "abc"}},
        {{std::monostate{}, "abc"}},
        {{std::int64_t{0}, "abc"}},
        {{std::int64_t{1}, "abc"}},
        {{std::int64_t{-1}, "abc"}},
        {{"abc", std::int64_t{0}}},
        {{"b"}, {"a"}},
        {{"a"}, {"b"}},
        {{std::string("a\0", 2)}},
        {{"a"}},
    };
    std::set<std::string> sums;
    for (const auto& rows : tables) {
        RowsDigest digest;
        for (const auto& row : rows) digest.add(row);
        const auto measure = digest.finish();
        EXPECT_EQ(measure.rows, rows.size());
        EXPECT_EQ(measure.sha256.size(), 64U);
        EXPECT_TRUE(sums.insert(measure.sha256).second) << "table " << sums.size();
    }
}

} // namespace
} // namespace gatehouse::auth::contract
