#pragma once

#include "auth/basics/clock.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::auth {

/// A credential of a user, as it is kept. Nothing of it is secret.
struct Passkey {
    std::string id; // as the authenticator chose it: 1 to 1023 bytes
    std::string user_id;
    std::string name; // what its user calls it
    std::string cose_key;
    std::string aaguid;                  // 16 bytes: the model of the authenticator, or zeros
    std::vector<std::string> transports; // how to reach it, in the browser's words
    std::uint32_t sign_count = 0;        // 0: it does not count
    bool backup_eligible = false;
    bool backed_up = false;
    Seconds created{};
    std::optional<Seconds> used_at;

    bool operator==(const Passkey&) const = default;
};

} // namespace gatehouse::auth
