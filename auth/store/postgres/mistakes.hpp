#pragma once

#include <string_view>

namespace gatehouse::auth::postgres {

/// Whether what libpq or a pooler said about a first connection is about a mistake that an operator
/// has to put right, and not about a server that is still to come.
[[nodiscard]] bool is_a_mistake(std::string_view message);

} // namespace gatehouse::auth::postgres
