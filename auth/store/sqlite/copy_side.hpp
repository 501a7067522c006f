#pragma once

#include "auth/store/copy/copy_side.hpp"
#include "config/basics/result.hpp"

#include <filesystem>
#include <memory>

namespace gatehouse::auth::sqlite {

/// One side of a copy in a file that no other process has open. A target is made, or brought up to
/// date; a source is left as it is, also where its version is an older one. The error is a sentence
/// that begins with the path.
[[nodiscard]] Result<std::unique_ptr<CopySide>, std::string>
open_side(const std::filesystem::path& path, CopyRole role);

} // namespace gatehouse::auth::sqlite
