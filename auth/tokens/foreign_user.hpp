#pragma once

#include <string>
#include <string_view>

namespace gatehouse::auth {

/// What a user of another issuer is called here and behind us: `<issuer>:<subject>`, where that is
/// a header-safe id, else `<issuer>:.` and 192 bits of the subject's SHA-256. No two of them are
/// the same: the name has no colon, and a subject that begins with a dot is always hashed. A user
/// of ours may have an id that looks like it (imported accounts): see is_named_by().
[[nodiscard]] std::string foreign_user_id(std::string_view issuer, std::string_view subject);

/// Whether an id begins as those of this issuer do.
[[nodiscard]] bool is_named_by(std::string_view issuer, std::string_view user_id) noexcept;

} // namespace gatehouse::auth
