#pragma once

#include "config/settings/shape.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::config {

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

/// What every call has: how it answers when all is well. What is not set is as docs/API.md says.
struct CallContract {
    std::optional<std::uint32_t> success;
    Shape answer;

    /// For the struct of one call, which is `Self`.
    template <class Self, class Table>
    static void describe_call(Table& table)
    {
        std::optional<std::uint32_t> Self::* const success_of = &CallContract::success;
        Shape Self::* const answer_of = &CallContract::answer;
        table.key("success", success_of, count(200, 204), "Status when all is well.");
        table.key("answer", answer_of, Drawing{}, "Body when all is well.");
    }
};

/// YAML: `auth.contract.register`.
struct RegisterContract : CallContract {
    std::optional<std::uint32_t> invalid;
    std::optional<std::uint32_t> name_taken;

    template <class Table>
    static void describe(Table& table)
    {
        using Self = RegisterContract;
        describe_call<Self>(table);
        table.key("invalid", &Self::invalid, count(400, 499),
                  "Status for names or passwords that are none.");
        table.key("name_taken", &Self::name_taken, count(400, 499),
                  "Status for a name that belongs to somebody.");
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

/// The answers a front end was written for, where they differ from docs/API.md. The defaults are
/// that contract. YAML: `auth.contract`.
struct ContractSettings {
    ErrorBody errors = ErrorBody::full;
    RegisterContract registration;
    LoginContract login;
    RefreshContract refresh;
    LogoutContract logout;

    template <class Table>
    static void describe(Table& table)
    {
        using Self = ContractSettings;
        table.key("errors", &Self::errors, AsTyped{},
                  "Body of every refusal, also on routes. `nested`: `{error: {status, message}}`; "
                  "`message`: `{message}`.");
        table.section("register", &Self::registration, "The call that makes accounts.");
        table.section("login", &Self::login, "The call that begins a session.");
        table.section("refresh", &Self::refresh, "The call that exchanges a refresh token.");
        table.section("logout", &Self::logout, "The call that ends a session.");
    }
};

} // namespace gatehouse::config
