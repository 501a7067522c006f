#pragma once

#include "auth/json/value.hpp"
#include "config/basics/result.hpp"

#include <cstddef>
#include <ostream>
#include <string_view>

namespace gatehouse::auth::json {

/// Why a text is not JSON for us.
enum class ReadError {
    syntax,           // not RFC 8259, or something after the value
    too_deep,         // more nested arrays and objects than allowed
    duplicate_member, // the same name twice in one object, however it is escaped
    bad_text,         // not UTF-8, half a surrogate pair, or U+0000 where it is not wanted
    number_range      // no finite double comes near it: 1e400
};

[[nodiscard]] std::string_view to_string(ReadError error) noexcept;
std::ostream& operator<<(std::ostream& out, ReadError error);

struct ReadRules {
    /// Arrays and objects inside one another.
    std::size_t max_depth = 16;
    /// Whether `\u0000` may stand in a string. A caller that wants to blame one field allows it.
    bool allow_nul = false;
};

/// Reads exactly one JSON value (RFC 8259), white space around it allowed. Stricter than most
/// libraries: see ReadError. Costs O(n log n) for hostile input, too.
[[nodiscard]] Result<Value, ReadError> read(std::string_view text, const ReadRules& rules = {});

} // namespace gatehouse::auth::json
