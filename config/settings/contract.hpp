#pragma once

#include "config/settings/shape.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::config {

/// How a bad access token is refused. No token at all is always 401.
enum class BadTokenStatus { unauthorized, forbidden };

constexpr auto words(BadTokenStatus)
{
    using enum BadTokenStatus;
    return std::array{
        Word{"401", unauthorized},
        Word{"403", forbidden   }
    };
}

/// How refusals look, those of the proxy too.
enum class ErrorBody { full, nested, message };

constexpr auto words(ErrorBody)
{
    using enum ErrorBody;
    return std::array{
        Word{"full",    full   },
        Word{"nested",  nested },
        Word{"message", message}
    };
}

enum class SameSite { strict, lax, none };

constexpr auto words(SameSite)
{
    using enum SameSite;
    return std::array{
        Word{"strict", strict},
        Word{"lax",    lax   },
        Word{"none",   none  }
    };
}

/// The cookies of our tokens: always HttpOnly and Secure. YAML: `auth.contract.cookie`.
struct CookieContract {
    SameSite same_site = SameSite::strict;
    std::string path; // empty: auth.prefix, or / where the access token has a cookie too

    template <class Table>
    static void describe(Table& table)
    {
        using Self = CookieContract;
        table.key("same_site", &Self::same_site, AsTyped{},
                  "Whether pages of other sites make browsers send it; `auth.origins` says which "
                  "of them may.");
        table.key("path", &Self::path, forms::cookie_path,
                  "Paths it is sent to. Without: those below `auth.prefix`, or `/` where the "
                  "access token travels in a cookie too.");
    }
};

/// What the members of a request's body are called. YAML: `auth.contract.members`.
struct MemberContract {
    std::string username = "username";
    std::string email = "email";
    std::string password = "password";
    std::string refresh_token = "refreshToken";

    template <class Table>
    static void describe(Table& table)
    {
        using Self = MemberContract;
        table.key("username", &Self::username, forms::word, "The name of a login or registration.");
        table.key("email", &Self::email, forms::word, "Its e-mail address.");
        table.key("password", &Self::password, forms::word, "Its password.");
        table.key("refresh_token", &Self::refresh_token, forms::word,
                  "The refresh token of a refresh or logout.");
    }
};

/// What every call has: where it is and how it answers when all is well. What is not set is as
/// docs/API.md says.
struct CallContract {
    std::vector<std::string> at; // `POST /auth/login`
    std::optional<std::uint32_t> success;
    Shape answer;

    /// For the struct of one call, which is `Self`.
    template <class Self, class Table>
    static void describe_call(Table& table)
    {
        std::vector<std::string> Self::* const at_of = &CallContract::at;
        std::optional<std::uint32_t> Self::* const success_of = &CallContract::success;
        Shape Self::* const answer_of = &CallContract::answer;
        table.key("at", at_of, forms::call_place,
                  "Where it is, instead of its place below `auth.prefix`.");
        table.key("success", success_of, count(200, 204), "Status when all is well.");
        table.key("answer", answer_of, Drawing{}, "Body when all is well.");
    }
};

/// YAML: `auth.contract.register`.
struct RegisterContract : CallContract {
    std::optional<std::uint32_t> invalid;
    std::optional<std::uint32_t> name_taken;
    std::vector<std::string> roles;

    template <class Table>
    static void describe(Table& table)
    {
        using Self = RegisterContract;
        describe_call<Self>(table);
        table.key("invalid", &Self::invalid, count(400, 499),
                  "Status for names or passwords that are none.");
        table.key("name_taken", &Self::name_taken, count(400, 499),
                  "Status for a name that belongs to somebody.");
        table.key("roles", &Self::roles, forms::role,
                  "Roles of whoever registers: each is given to everybody.");
    }
};

/// YAML: `auth.contract.login`.
struct LoginContract : CallContract {
    std::optional<std::uint32_t> invalid;
    std::optional<std::uint32_t> bad_credentials;
    std::optional<std::uint32_t> unknown_user;

    template <class Table>
    static void describe(Table& table)
    {
        using Self = LoginContract;
        describe_call<Self>(table);
        table.key("invalid", &Self::invalid, count(400, 499),
                  "Status for a login without a name or a password.");
        table.key("bad_credentials", &Self::bad_credentials, count(400, 499),
                  "Status for a wrong name or password.");
        table.key("unknown_user", &Self::unknown_user, count(400, 499),
                  "Status for a name that nobody has: tells strangers who has an account. "
                  "Without: as for a wrong password.");
    }
};

/// YAML: `auth.contract.refresh`.
struct RefreshContract : CallContract {
    std::optional<std::uint32_t> missing_token;
    std::optional<std::uint32_t> bad_token;

    template <class Table>
    static void describe(Table& table)
    {
        using Self = RefreshContract;
        describe_call<Self>(table);
        table.key("missing_token", &Self::missing_token, count(400, 499),
                  "Status without a refresh token.");
        table.key("bad_token", &Self::bad_token, count(400, 499),
                  "Status for a refresh token that is expired, revoked, spent or no token.");
    }
};

/// YAML: `auth.contract.logout`.
struct LogoutContract : CallContract {
    std::optional<std::uint32_t> missing_token;
    std::optional<std::uint32_t> bad_token;

    template <class Table>
    static void describe(Table& table)
    {
        using Self = LogoutContract;
        describe_call<Self>(table);
        table.key("missing_token", &Self::missing_token, count(200, 499),
                  "Status where there is nothing to log out.");
        table.key("bad_token", &Self::bad_token, count(200, 499),
                  "Status for what is no refresh token of this gateway.");
    }
};

/// YAML: `auth.contract.me`.
struct MeContract : CallContract {
    template <class Table>
    static void describe(Table& table)
    {
        describe_call<MeContract>(table);
    }
};

/// YAML: `auth.contract.passkey_register_options` and the others of passkeys.
struct PasskeyContract : CallContract {
    template <class Table>
    static void describe(Table& table)
    {
        describe_call<PasskeyContract>(table);
    }
};

/// The same of options, whose answer is what browsers take.
struct PasskeyOptionsContract : CallContract {
    template <class Table>
    static void describe(Table& table)
    {
        std::vector<std::string> PasskeyOptionsContract::* const at_of = &CallContract::at;
        table.key("at", at_of, forms::call_place,
                  "Where it is, instead of its place below `auth.prefix`.");
    }
};

/// The answers a front end was written for, where they differ from docs/API.md. The defaults are
/// that contract. YAML: `auth.contract`.
struct ContractSettings {
    ErrorBody errors = ErrorBody::full;
    BadTokenStatus bad_access_token = BadTokenStatus::unauthorized;
    bool numeric_roles = false;
    bool access_cookie = false;
    bool form_bodies = false;
    Shape claims;
    MemberContract members;
    CookieContract cookie;
    RegisterContract registration;
    LoginContract login;
    RefreshContract refresh;
    LogoutContract logout;
    MeContract me;
    PasskeyOptionsContract passkey_register_options;
    PasskeyContract passkey_register;
    PasskeyOptionsContract passkey_login_options;
    PasskeyContract passkey_login;

    /// Paths of calls that lie elsewhere than below auth.prefix. Not in YAML: found when it is
    /// read.
    std::vector<std::string> outer_paths;

    template <class Table>
    static void describe(Table& table)
    {
        using Self = ContractSettings;
        table.key("errors", &Self::errors, AsTyped{},
                  "Body of every refusal, also on routes. `nested`: `{error: {status, message}}`; "
                  "`message`: `{message}`.");
        table.key("bad_access_token", &Self::bad_access_token, AsTyped{},
                  "Status for an access token that is expired, revoked or no token, unless a route "
                  "says otherwise.");
        table.key("numeric_roles", &Self::numeric_roles, AsTyped{},
                  "Write roles made of digits as numbers, in answers and `claims`.");
        table.key("access_cookie", &Self::access_cookie, AsTyped{},
                  "Let access tokens travel in a cookie: every route then takes them from it, and "
                  "from own pages alone where something may change.");
        table.key("form_bodies", &Self::form_bodies, AsTyped{},
                  "Take `application/x-www-form-urlencoded` bodies too, from own pages.");
        table.key("claims", &Self::claims, Drawing{.tokens = false},
                  "More claims of access tokens; whoever holds one can read them.");
        table.section("members", &Self::members, "What members of request bodies are called.");
        table.section("cookie", &Self::cookie, "How the cookies of our tokens travel.");
        table.section("register", &Self::registration, "The call that makes accounts.");
        table.section("login", &Self::login, "The call that begins a session.");
        table.section("refresh", &Self::refresh, "The call that exchanges a refresh token.");
        table.section("logout", &Self::logout, "The call that ends a session.");
        table.section("me", &Self::me, "The call that shows the account.");
        table.section("passkey_register_options", &Self::passkey_register_options,
                      "The call that asks for a new passkey.");
        table.section("passkey_register", &Self::passkey_register,
                      "The call that takes a new passkey.");
        table.section("passkey_login_options", &Self::passkey_login_options,
                      "The call that asks for a passkey to sign in with.");
        table.section("passkey_login", &Self::passkey_login,
                      "The call that begins a session by passkey.");
    }
};

} // namespace gatehouse::config
