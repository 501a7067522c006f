#pragma once

#include "auth/store/sqlite/database.hpp"
#include "config/basics/result.hpp"

namespace gatehouse::auth::sqlite {

/// Makes the tables of a new file or brings those of an older version up to date, in one
/// transaction. Expects the file lock to be held. The error says what kind of file this is
/// instead: another program's database, one of a newer version, or none at all.
[[nodiscard]] Result<void, std::string> bring_up_to_date(Database& database);

} // namespace gatehouse::auth::sqlite
