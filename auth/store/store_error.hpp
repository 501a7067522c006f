#pragma once

#include <ostream>
#include <string_view>

namespace gatehouse::auth {

/// Why a store call did not do its work. Nothing was changed when one of these comes back, with one
/// exception that no store can avoid: `unavailable` after a write had begun leaves its fate open.
enum class StoreError {
    unavailable,    // server or disk gone, full or locked, or no answer in time: 503
    name_taken,     // username or e-mail belongs to somebody
    invite_invalid, // unknown, spent or expired invite
    not_found,      // no such user or session
    blocked,        // the user is blocked
    too_many_sessions,
    too_many_passkeys,
    password_changed, // since it was judged
    already_used      // what is good once
};

[[nodiscard]] std::string_view to_string(StoreError error) noexcept;
std::ostream& operator<<(std::ostream& out, StoreError error);

} // namespace gatehouse::auth
