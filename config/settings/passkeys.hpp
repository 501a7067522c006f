#pragma once

#include "config/settings/terms.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace gatehouse::config {

/// What is asked of authenticators, in the words of WebAuthn.
enum class AuthenticatorWish { required, preferred, discouraged };

constexpr auto words(AuthenticatorWish)
{
    using enum AuthenticatorWish;
    return std::array{
        Word{"required",    required   },
        Word{"preferred",   preferred  },
        Word{"discouraged", discouraged}
    };
}

/// Signing in without a password. YAML: `passkeys`.
struct PasskeySettings {
    std::string rp_id;
    std::string rp_name;
    std::vector<std::string> origins;
    std::chrono::seconds challenge_ttl = 5min;
    AuthenticatorWish user_verification = AuthenticatorWish::preferred;
    AuthenticatorWish resident_key = AuthenticatorWish::preferred;
    std::chrono::seconds max_auth_age = 15min;
    std::uint32_t max_per_user = 20;

    [[nodiscard]] bool is_on() const noexcept { return !rp_id.empty(); }

    /// Whose pages may ask.
    [[nodiscard]] std::vector<std::string> all_origins() const
    {
        return origins.empty() ? std::vector{"https://" + rp_id} : origins;
    }

    template <class Table>
    static void describe(Table& table)
    {
        using Self = PasskeySettings;
        table.key("rp_id", &Self::rp_id, forms::domain,
                  "The domain that passkeys are for, for example `example.com`: pages of it and of "
                  "what is below it can use them. Changed, none of them works any more. Without: "
                  "calls about passkeys answer 501.");
        table.key("rp_name", &Self::rp_name, forms::word,
                  "What browsers call it before people. Without: `rp_id`.");
        table.key("origins", &Self::origins, forms::origin,
                  "Origins whose pages may make and use passkeys. Without any: `https://` and "
                  "`rp_id`.");
        table.key("challenge_ttl", &Self::challenge_ttl, between(10s, 1h),
                  "How long a person may take with the browser's question.");
        table.key("user_verification", &Self::user_verification, AsTyped{},
                  "Whether the authenticator has to make sure who holds it (a PIN, a finger). "
                  "`required`: others are refused.");
        table.key("resident_key", &Self::resident_key, AsTyped{},
                  "Whether a new passkey has to know its account, so that people sign in without "
                  "saying a name. With `required` nobody's passkeys are listed for a name, and "
                  "those that need that cannot be used.");
        table.key("max_auth_age", &Self::max_auth_age, between(0s, 365 * 24h),
                  "Registering a passkey needs a login that is no older; 0: any will do.");
        table.key("max_per_user", &Self::max_per_user, count(1, 100),
                  "Most passkeys of one account.");
    }
};

} // namespace gatehouse::config
