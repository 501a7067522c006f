#pragma once

#include "auth/store/store_status.hpp"
#include "config/basics/result.hpp"

#include <filesystem>
#include <string>

namespace gatehouse::auth::sqlite {

/// What is in the file, which it neither makes nor changes. The error is a sentence that begins
/// with the path: it is no database, or another program's.
[[nodiscard]] Result<StoreStatus, std::string> status_of(const std::filesystem::path& path,
                                                         Millis now);

} // namespace gatehouse::auth::sqlite
