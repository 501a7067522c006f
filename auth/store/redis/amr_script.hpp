#pragma once

#include <string>

namespace gatehouse::auth::redis {

/// KEYS: session. ARGV: prefix, now, expected, amr (lists as in string_list.hpp). One conditional
/// write. Answers 1 or 0.
[[nodiscard]] std::string amr_script();

} // namespace gatehouse::auth::redis
