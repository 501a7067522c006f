#pragma once

#include "auth/basics/clock.hpp"
#include "auth/throttle/limited_table.hpp"
#include "auth/throttle/limits.hpp"
#include "config/basics/result.hpp"
#include "config/settings/identity.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

namespace gatehouse::auth {

/// The answer is 429; which limit it was stays here.
struct TooManyAttempts {
    std::chrono::seconds retry_after{1}; // at least 1

    TooManyAttempts() = default;

    explicit TooManyAttempts(std::chrono::seconds after) : retry_after(after) {}
};

/// One admitted attempt to guess a password. Counts as a failure until told otherwise.
struct LoginSlot {
    std::uint64_t pair = 0;
    std::uint64_t account = 0;
    std::uint64_t address = 0;
    Millis taken{};
};

/// Slows guessing down without locking anybody out for good: per account-and-address pair, per
/// account and per address, and registrations per address. A slot is taken BEFORE the password is
/// hashed, so that a burst of parallel guesses cannot exceed a limit, and given back on success.
/// In memory and bounded; keys are kept as keyed fingerprints. Safe from any thread.
class LoginThrottle {
public:
    explicit LoginThrottle(const config::ThrottleSettings& settings);
    LoginThrottle(const LoginThrottle&) = delete;
    LoginThrottle& operator=(const LoginThrottle&) = delete;

    /// `account`: the account's id once it is known, else the folded name; the caller makes sure
    /// that the two cannot be mistaken for each other. Takes from all limits or from none.
    [[nodiscard]] Result<LoginSlot, TooManyAttempts>
    take_login(std::string_view account, std::string_view address, Millis now);

    /// The password was right: the slot is free again and the pair starts afresh.
    void succeeded(const LoginSlot& slot);
    /// No password was judged (store down, no room to hash): as if the attempt had not been.
    void give_back(const LoginSlot& slot);

    [[nodiscard]] Result<void, TooManyAttempts> take_registration(std::string_view address,
                                                                  Millis now);

private:
    [[nodiscard]] std::uint64_t fingerprint(char kind, std::string_view first,
                                            std::string_view second = {}) const noexcept;

    const PairLimit pair_limit_;
    const WindowLimit account_limit_;
    const WindowLimit address_limit_;
    const BucketLimit registration_limit_;
    std::array<unsigned char, 16> key_{};

    std::mutex mutex_;
    LimitedTable<PairState> pairs_;
    LimitedTable<WindowState> accounts_;
    LimitedTable<WindowState> addresses_;
    LimitedTable<BucketState> registrations_;
};

/// What an address counts as: IPv4 as it is, also when written as IPv6 (::ffff:1.2.3.4), IPv6 by
/// its /64, which one customer usually owns whole. Anything else counts as itself.
[[nodiscard]] std::string throttle_address(std::string_view address);

} // namespace gatehouse::auth
