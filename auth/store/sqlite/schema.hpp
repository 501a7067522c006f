#pragma once

#include "auth/store/sqlite/database.hpp"
#include "config/basics/result.hpp"

namespace gatehouse::auth::sqlite {

/// Makes the tables of a new file or brings those of an older version up to date, in one
/// transaction. Expects the file lock to be held. The error says what kind of file this is
/// instead: another program's database, one of a newer version, or none at all.
[[nodiscard]] Result<void, std::string> bring_up_to_date(Database& database);

/// What is there, version 0 when nothing is.
struct SchemaVersion {
    std::int64_t version = 0;
    std::int64_t usable_from = 0; // the oldest version of a program that can work with it
};

/// Expects a transaction. The error says whose file this is instead.
[[nodiscard]] Result<SchemaVersion, std::string> schema_version(Database& database);
/// What bring_up_to_date makes of any file of ours.
[[nodiscard]] std::int64_t newest_schema_version() noexcept;

} // namespace gatehouse::auth::sqlite
