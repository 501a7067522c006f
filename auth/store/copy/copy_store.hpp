#pragma once

#include "auth/store/copy/rows_digest.hpp"
#include "config/basics/result.hpp"
#include "config/settings/postgres.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::auth {

/// What was found in both stores after a copy.
struct CopyReport {
    struct Line {
        std::string_view table;
        RowsMeasure source;
        RowsMeasure target;
    };

    std::vector<Line> tables;
    std::uint64_t source_change = 0; // the number of the newest change
    std::uint64_t target_change = 0;
    /// The names of the keys that were kept in the source, and are in the target.
    std::vector<std::string> kept_keys;
    /// The target held all this before: nothing was written.
    bool was_there = false;
};

/// Whether `spec` names a store that can be one side of a copy: SQLite or PostgreSQL.
[[nodiscard]] bool can_be_copied(std::string_view spec);

/// Copies everything from one SQL store to another one that is empty. No gateway may run on
/// either: nobody can write to them meanwhile. What was written is read back and compared before it
/// is committed, all at once: whatever ends a copy earlier, the target is as it was. A target that
/// holds exactly what the source does is a copy that is complete.
/// Error: a sentence for the operator; the target is as it was, unless the sentence says that the
/// end is not known.
[[nodiscard]] Result<CopyReport, std::string> copy_store(std::string_view from, std::string_view to,
                                                         const config::PostgresSettings& settings);

/// The same between two sides, which is all of it but for opening them. Throws what they do.
[[nodiscard]] Result<CopyReport, std::string> copy_between(CopySide& source, CopySide& target);

} // namespace gatehouse::auth
