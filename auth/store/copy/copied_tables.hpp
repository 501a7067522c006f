#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace gatehouse::auth {

enum class FieldKind : std::uint8_t {
    number,
    truth, // kept as a number where there is no type for it
    text,  // compared byte by byte
    bytes
};

struct CopiedColumn {
    std::string_view name;
    FieldKind kind = FieldKind::number;
    /// Since which version of the tables there is one, and what stands for it before.
    std::int64_t since = 1;
    std::string_view before{};
};

/// A table that both SQL stores have, with the same names in it.
struct CopiedTable {
    std::string_view name;
    std::span<const CopiedColumn> columns;
    /// So many of the first columns are its key: rows are read in their order, everywhere the same.
    std::size_t key = 1;
    /// Its first column is a number that the store gives to new rows by itself.
    bool numbers_itself = false;

    /// "id, username, email"
    [[nodiscard]] std::string column_list() const;
    /// The same to read from tables of an older version: what they lack is said instead. `cast`
    /// makes a text of SQL what the store keeps texts as.
    [[nodiscard]] std::string column_list(std::int64_t version, std::string_view cast) const;
    [[nodiscard]] std::string key_list() const;
};

/// All that moves with a store, each table before those that refer to it.
[[nodiscard]] std::span<const CopiedTable> copied_tables() noexcept;

/// What belongs to the processes that use a store, or to the store itself, and stays behind: the
/// version, leases, who listens to the feed, how often somebody tried. The feed's number is copied
/// by itself.
[[nodiscard]] std::span<const std::string_view> tables_left_behind() noexcept;

} // namespace gatehouse::auth
