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

/// A database that no other process has open, and none can open to write as long as this is there.
struct HeldDatabase {
    FileLock lock;
    FileLock::Held held;
    Database database;
};

enum class WhenMissing : std::uint8_t {
    make,  // and bring up to date what is there
    refuse // and leave what is there as it is, whatever its version
};

/// The error is a sentence that begins with the path.
[[nodiscard]] Result<HeldDatabase, std::string> open_alone(const std::filesystem::path& path,
                                                           WhenMissing when_missing);

} // namespace gatehouse::auth::sqlite
