#pragma once

#include "auth/store/copy/copied_tables.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace gatehouse::auth {

/// One field of a row, whichever store it is in: nothing, a number (a truth is 0 or 1), or bytes.
using CopiedField = std::variant<std::monostate, std::int64_t, std::string>;
using CopiedRow = std::vector<CopiedField>;

/// So many rows are in memory at once.
inline constexpr std::size_t copied_at_once = 500;

/// Which store of a copy this is.
enum class CopyRole : std::uint8_t {
    source, // nobody writes to it meanwhile; nor do we
    target  // nobody else writes to it, and what we write is there at once, or never
};

/// One store of a copy, from the moment on when nobody else can write to it, to its end: all in
/// one transaction. Without commit() nothing was written. Throws std::runtime_error, what the store
/// has to say. (The seam between the two kinds of SQL: SQLite, PostgreSQL.)
class CopySide {
public:
    virtual ~CopySide() = default;

    /// An older version of a source may lack one; then it has no rows.
    [[nodiscard]] virtual bool has(const CopiedTable& table) = 0;
    [[nodiscard]] virtual bool is_empty(const CopiedTable& table) = 0;

    /// Begins to read the rows of a table, in the order of its key.
    virtual void read_from(const CopiedTable& table) = 0;
    /// The next ones, at most copied_at_once; none: that was all.
    [[nodiscard]] virtual std::vector<CopiedRow> read_more() = 0;

    /// The number of the newest change there ever was, forgotten or not.
    [[nodiscard]] virtual std::uint64_t newest_change() = 0;

    // The target only.

    virtual void write(const CopiedTable& table, std::span<const CopiedRow> rows) = 0;
    virtual void set_newest_change(std::uint64_t number) = 0;
    /// Rows that come later get numbers above those that were copied.
    virtual void go_on_numbering(const CopiedTable& table) = 0;
    /// Durable when this returns.
    virtual void commit() = 0;
};

} // namespace gatehouse::auth
