#pragma once

#include "auth/basics/clock.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace gatehouse::auth {

enum class ChangeKind : std::uint8_t {
    session_ended,   // subject: session id
    user_blocked,    // subject: user id
    user_unblocked,  // subject: user id
    user_deleted,    // subject: user id
    roles_changed,   // subject: user id, roles: the new ones
    keys_changed,    // subject: empty; verifiers load the key ring again
    api_key_created, // subject: the key's id; gateways read its row
    api_key_revoked  // subject: the key's id
};

/// One row of the feed by which every process learns what another one did. Written in the same
/// transaction as its cause; `sequence` grows with commit order and never repeats.
struct Change {
    std::uint64_t sequence = 0;
    ChangeKind kind{};
    std::string subject;
    std::vector<std::string> roles;
    Millis at{};
};

} // namespace gatehouse::auth
