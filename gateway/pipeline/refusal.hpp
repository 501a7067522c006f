#pragma once

#include <cstddef>
#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::gateway {

/// Every answer this gateway gives by itself instead of forwarding (docs/API.md lists them).
/// The order is that of the contract; status, code text and message live in refusal.cpp only.
enum class RefusalCode : std::uint8_t {
    bad_request,
    malformed_json,
    token_missing,
    token_expired,
    token_revoked,
    token_invalid,
    insufficient_user_authentication,
    invalid_credentials,
    forbidden,
    account_blocked,
    email_unverified,
    link_invalid,
    registration_closed,
    too_many_sessions,
    passkey_invalid,
    too_many_passkeys,
    second_factor_required,
    invalid_code,
    login_token_invalid,
    origin_forbidden,
    refresh_token_invalid,
    refresh_token_expired,
    refresh_token_revoked,
    refresh_token_reused,
    not_found,
    method_not_allowed,
    request_timeout,
    name_taken,
    last_way_in,
    second_factor_active,
    body_too_large,
    uri_too_long,
    unsupported_media_type,
    invalid_fields,
    too_many_attempts,
    too_many_requests,
    headers_too_large,
    not_implemented,
    not_configured,
    store_unavailable,
    overloaded,
    draining,
    upstream_unreachable,
    upstream_reset,
    upstream_protocol,
    upstream_timeout
};

inline constexpr std::size_t refusal_codes =
    static_cast<std::size_t>(RefusalCode::upstream_timeout) + 1;

struct FieldProblem {
    std::string name;
    std::string message;
};

/// What most refusals do not say: of an anonymous request there are many, and each is handed on a
/// few times. Nothing is copied or moved where there is nothing.
struct SeldomSaid {
    std::string message;              // empty: the code's own sentence
    std::string allow;                // 405: the Allow field
    std::vector<FieldProblem> fields; // 422
    std::string members;              // more of `error`, as JSON: "name":"value"
    std::string challenge; // behind `WWW-Authenticate: Bearer`, instead of the code's own

    SeldomSaid() = default;

    SeldomSaid(const SeldomSaid& other)
    {
        if (!other.says_nothing()) *this = other;
    }

    SeldomSaid(SeldomSaid&& other) noexcept
    {
        if (!other.says_nothing()) *this = std::move(other);
    }

    SeldomSaid& operator=(const SeldomSaid& other) = default;
    SeldomSaid& operator=(SeldomSaid&& other) noexcept = default;
    ~SeldomSaid() = default;

    [[nodiscard]] bool says_nothing() const noexcept
    {
        return (message.size() | allow.size() | members.size() | challenge.size()) == 0 &&
               fields.empty();
    }
};

/// A refusal on its way to becoming a status, a body and a WWW-Authenticate header.
struct Refusal : SeldomSaid {
    RefusalCode code{};
    std::uint32_t retry_after = 0; // seconds; 0: no Retry-After
    unsigned status = 0;           // 0: the code's own; a wrong current password is a 403
    std::string reason;            // for the log only, never sent

    Refusal() = default;

    // NOLINTNEXTLINE(google-explicit-constructor): a code is a refusal
    Refusal(RefusalCode c) : code(c) {}

    Refusal(RefusalCode c, std::string why) : code(c), reason(std::move(why)) {}
};

/// A refusal in other words than the code's own, which is what the caller reads. `reason` is for
/// the log only.
[[nodiscard]] Refusal told(RefusalCode code, std::string message, std::string reason = {});

/// The status of the code itself; a refusal may carry another one.
[[nodiscard]] unsigned status_of(RefusalCode code) noexcept;
[[nodiscard]] unsigned status_of(const Refusal& refusal) noexcept;
[[nodiscard]] std::string_view to_string(RefusalCode code) noexcept;
[[nodiscard]] std::string_view default_message(RefusalCode code) noexcept;
std::ostream& operator<<(std::ostream& out, RefusalCode code);

} // namespace gatehouse::gateway
