#pragma once

#include "auth/basics/clock.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::auth {

struct ToldClaims;

/// Who a verified access token, or an API key, speaks for.
struct Principal {
    std::string user_id;    // header-safe
    std::string session_id; // Id128 text; "" with an API key, or a token of others
    std::vector<std::string> roles;
    Seconds expires_at{};
    /// When the user last proved who they are; nothing: the token does not say.
    std::optional<Seconds> auth_time{};

    /// Which proofs the session's user has shown, of those that routes ask for (`amr`, RFC 8176).
    struct Shown {
        bool passkey = false;
        bool code = false;
    };

    Shown shown{};
    std::vector<std::string> scopes{};
    std::string api_key{}; // the id of the key; "" with a token
    /// Who says so: 0 is us, others are counted as in config::IssuerSet. They have no session here,
    /// and no account: what is known of our users by their id is not asked for theirs.
    std::uint8_t issuer = 0;
    /// What somebody asked for of the further claims; null: nobody asked.
    std::shared_ptr<const ToldClaims> told{};
    /// Proves the identity to the service that the request goes to; null: nobody wants that.
    std::shared_ptr<const std::string> proof{};
};

} // namespace gatehouse::auth
