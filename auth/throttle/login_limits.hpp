#pragma once

#include "auth/throttle/limits.hpp"
#include "config/settings/login.hpp"

namespace gatehouse::auth {

/// What one login is judged by.
struct LoginStates {
    PairState pair;
    WindowState account;
    WindowState address;
};

/// The limits of the settings, applied together: one place says what an attempt costs, wherever the
/// states are kept. Values in, values out.
class LoginLimits {
public:
    explicit LoginLimits(const config::ThrottleSettings& settings) noexcept;

    /// Takes from every limit or from none: how long until this attempt is admitted; 0: it is.
    [[nodiscard]] std::chrono::milliseconds take(LoginStates& states, Millis now) const noexcept;
    /// As if the attempt taken at `taken` had not been.
    void give_back(LoginStates& states, Millis taken) const noexcept;

    void start_pair_afresh(LoginStates& states) const noexcept { states.pair = PairState{}; }

    /// The same for a known browser, which is judged by nothing else.
    [[nodiscard]] std::chrono::milliseconds take_device(WindowState& state,
                                                        Millis now) const noexcept;

    [[nodiscard]] std::chrono::milliseconds take_registration(BucketState& state,
                                                              Millis now) const noexcept;

    [[nodiscard]] std::chrono::milliseconds take_passkey_options(BucketState& state,
                                                                 Millis now) const noexcept;

    /// By mail_address() or mail_account().
    [[nodiscard]] static std::chrono::milliseconds
    take_mail(const WindowLimit& limit, WindowState& state, Millis now) noexcept;

    [[nodiscard]] const WindowLimit& mail_address() const noexcept { return mail_address_; }

    [[nodiscard]] const WindowLimit& mail_account() const noexcept { return mail_account_; }

    [[nodiscard]] const PairLimit& pair() const noexcept { return pair_; }

    [[nodiscard]] const WindowLimit& account() const noexcept { return account_; }

    [[nodiscard]] const WindowLimit& address() const noexcept { return address_; }

    [[nodiscard]] const WindowLimit& device() const noexcept { return device_; }

    [[nodiscard]] const BucketLimit& registration() const noexcept { return registration_; }

    [[nodiscard]] const BucketLimit& passkey_options() const noexcept { return passkey_options_; }

private:
    PairLimit pair_;
    WindowLimit account_;
    WindowLimit address_;
    WindowLimit device_;
    BucketLimit registration_;
    WindowLimit mail_address_;
    WindowLimit mail_account_;
    BucketLimit passkey_options_;
};

} // namespace gatehouse::auth
