#pragma once

#include "gateway/pipeline/refusal.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace gatehouse::gateway {

/// The calls of the auth API, as metrics name them.
enum class AuthCall : std::uint8_t {
    registration,
    login,
    refresh,
    renewal, // of a session in cookies, on the way to an upstream
    logout,
    logout_all,
    logout_others,
    me,
    change_names,
    delete_account,
    export_account,
    list_sessions,
    revoke_session,
    change_password,
    forgot_password,
    reset_password,
    verify_email,
    send_verification,
    list_api_keys,
    revoke_api_key,
    revoke_token,
    introspect,
    second_factor,
    totp_register,
    totp_confirm,
    totp_remove,
    recovery_codes,
    login_code,
    step_up,
    verify,
    passkey_register_options,
    passkey_register,
    passkey_login_options,
    passkey_login,
    list_passkeys,
    rename_passkey,
    delete_passkey,
    document,
    jwks
};

inline constexpr std::size_t auth_calls = static_cast<std::size_t>(AuthCall::jwks) + 1;

[[nodiscard]] std::string_view to_string(AuthCall call) noexcept;

/// What came of the calls of the auth API. Safe from any thread.
class AuthOutcomes {
public:
    void count(AuthCall call, const std::optional<Refusal>& refusal) noexcept
    {
        const auto outcome = refusal ? static_cast<std::size_t>(refusal->code) : ok;
        counts_[static_cast<std::size_t>(call)][outcome].fetch_add(1, std::memory_order_relaxed);
    }

    struct Count {
        std::string_view call;
        std::string_view outcome; // `ok`, or the code of the refusal
        std::uint64_t times = 0;
    };

    /// Of every call how often it went well, and the refusals that there were.
    [[nodiscard]] std::vector<Count> counts() const;

private:
    static constexpr std::size_t ok = refusal_codes;

    std::array<std::array<std::atomic<std::uint64_t>, refusal_codes + 1>, auth_calls> counts_{};
};

} // namespace gatehouse::gateway
