#pragma once

#include "auth/store/kept_keys.hpp"
#include "auth/store/store_status.hpp"
#include "config/basics/result.hpp"

#include <filesystem>
#include <string>

namespace gatehouse::auth::sqlite {

/// What is in the file, which it neither makes nor changes. The error is a sentence that begins
/// with the path: it is no database, or another program's.
[[nodiscard]] Result<StoreStatus, std::string> status_of(const std::filesystem::path& path,
                                                         Millis now);

/// The keys kept under `name`, if there are any; makes and changes nothing either.
[[nodiscard]] Result<std::optional<KeptKeys::Kept>, std::string>
kept_keys_of(const std::filesystem::path& path, std::string_view name);

} // namespace gatehouse::auth::sqlite
