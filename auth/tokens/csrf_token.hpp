#pragma once

#include "auth/tokens/key_ring.hpp"

#include <string>
#include <string_view>

namespace gatehouse::auth {

/// What a page of ours sends along to prove that it may read our cookies: a MAC of the session's
/// id under the key of refresh tokens. Whoever can set cookies for our host can plant no such
/// token for a session that is not theirs. The same for the whole session on every replica.
[[nodiscard]] std::string csrf_token_of(const KeyRing& ring, std::string_view session_id);

/// Under any key that still verifies refresh tokens at `now`.
[[nodiscard]] bool is_csrf_token_of(const KeyRing& ring, std::string_view session_id,
                                    std::string_view presented, Seconds now);

} // namespace gatehouse::auth
