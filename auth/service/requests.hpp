#pragma once

#include "auth/accounts/user.hpp"
#include "auth/apikeys/api_key.hpp"
#include "auth/audit/audit_record.hpp"
#include "auth/basics/clock.hpp"
#include "auth/passkeys/passkey.hpp"
#include "auth/sessions/session.hpp"
#include "config/basics/secret.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::auth {

/// Who is asking, as far as the connection tells. Anything may stand in `user_agent`.
struct Caller {
    std::string address; // of the client, without port
    std::string user_agent;
    std::string request_id;
    Secret device_cookie{}; // what an earlier login left, as it came
};

/// The names and the password of a login; at least one name.
struct Credentials {
    std::optional<std::string> username;
    std::optional<std::string> email;
    Secret password;
    /// How this login wants its refresh token; unset: as the settings say.
    std::optional<SessionDelivery> delivery;
};

struct Registration {
    Credentials credentials;
    std::optional<Secret> invite;
};

/// What a user may see of the own account.
struct Profile {
    std::string id;
    std::optional<std::string> username;
    std::optional<std::string> email;
    std::vector<std::string> roles;
    Seconds created{};
    /// Whether mail to the address was proved to reach them; nothing: there is no address.
    std::optional<bool> email_verified{};
};

[[nodiscard]] inline Profile profile_of(const User& user)
{
    Profile profile{user.id, user.username, user.email, user.roles, user.created};
    if (user.email) profile.email_verified = user.email_verified_at.has_value();
    return profile;
}

/// What somebody wants to be called. What is unset stays; what is set to nothing is given up.
struct OtherNames {
    std::optional<std::optional<std::string>> username;
    std::optional<std::optional<std::string>> email;
    Secret current_password;
    Secret code; // asked for with another address where there is a second factor
};

/// A pair of tokens on its way to a client.
struct Grant {
    Secret access_token;
    Secret refresh_token;
    std::chrono::seconds access_life{};  // `expiresIn`
    std::chrono::seconds refresh_life{}; // the cookie's Max-Age
    SessionDelivery delivery = SessionDelivery::body;
    std::string session_id;
    std::string
        csrf_token; // csrf_token_of() the session: for scripts of own pages, no secret there
    Profile user;
    /// By which the browser is known when it comes again; empty: not after this call.
    Secret device_cookie{};
    std::chrono::seconds device_life{};
};

/// One line of a user's own session list.
struct SessionSummary {
    std::string id;
    Seconds created{};
    Seconds last_used{};
    std::string address;
    std::string user_agent;
    bool current = false; // the one that asks
};

/// What is there besides the password.
struct SecondFactorState {
    bool totp = false;
    std::size_t recovery_codes_left = 0;
};

/// What an authenticator app needs to know, shown once. Not in force before a code was shown.
struct TotpEnrolment {
    Secret secret; // base32
    Secret uri;    // otpauth://
    Secret qr;     // the same as a picture, SVG
};

/// The second half of a login.
struct CodeLogin {
    Secret login_token;
    Secret code; // of an app, or a recovery code
    std::optional<SessionDelivery> delivery;
};

/// What a user may take along.
struct AccountCopy {
    static constexpr std::size_t most_records = 10'000;

    Profile profile;
    std::vector<SessionSummary> sessions; // live ones
    std::vector<ApiKey> api_keys;         // live ones
    std::vector<Passkey> passkeys;
    std::vector<AuditRecord> records; // newest first
    bool has_all_records = true;      // else there were more
    SecondFactorState second_factor;
};

} // namespace gatehouse::auth
