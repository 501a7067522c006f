#pragma once

#include "auth/basics/clock.hpp"

#include <optional>
#include <string>
#include <vector>

namespace gatehouse::auth {

/// A machine's credential, as it is kept: everything about the key but the key.
struct ApiKey {
    std::string id; // Id128 text; never used again
    std::string user_id;
    std::string name;   // what its user calls it
    std::string digest; // SHA-256 of the key's text, 32 bytes
    std::vector<std::string> scopes;
    Seconds created{};
    std::optional<Seconds> expires_at; // nothing: never
    std::optional<Seconds> used_at;    // about a minute exact
    std::optional<Millis> revoked_at;
    std::vector<std::string> roles; // the user's, at the moment of reading; not part of the key

    bool operator==(const ApiKey&) const = default;
};

} // namespace gatehouse::auth
