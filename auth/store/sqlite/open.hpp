#pragma once

#include "auth/store/open_store.hpp"
#include "auth/store/sqlite/writer.hpp"

#include <filesystem>

namespace gatehouse::auth::sqlite {

/// Opens the database at `path`, making it (mode 0600) or bringing it up to date first. The error
/// is a sentence that begins with the path. `home`: where sessions are, if not there; outlives the
/// store.
[[nodiscard]] Result<std::unique_ptr<Store>, std::string>
open(const std::filesystem::path& path, StoreRole role, WriterLimits limits = {},
     std::chrono::milliseconds poll = StoreOptions{}.poll, FailureReport::Say on_failure = {},
     SessionHome* home = nullptr);

} // namespace gatehouse::auth::sqlite
