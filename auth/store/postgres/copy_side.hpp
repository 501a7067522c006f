#pragma once

#include "auth/store/copy/copy_side.hpp"
#include "auth/store/postgres/open.hpp"

#include <memory>

namespace gatehouse::auth::postgres {

/// One side of a copy in a database that no gateway uses; its tables are locked against writes. A
/// target's tables are made, or brought up to date; a source is left as it is, also where its
/// version is an older one. The error is a sentence for the operator.
[[nodiscard]] Result<std::unique_ptr<CopySide>, std::string> open_side(const Place& place,
                                                                       CopyRole role);

} // namespace gatehouse::auth::postgres
