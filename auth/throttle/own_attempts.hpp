#pragma once

#include "auth/throttle/attempts.hpp"
#include "auth/throttle/limited_table.hpp"
#include "auth/throttle/login_limits.hpp"

#include <mutex>

namespace gatehouse::auth {

/// Counts in this process's memory, of fixed size. Never unavailable.
class OwnAttempts final : public Attempts {
public:
    /// `clock` outlives it.
    OwnAttempts(const config::ThrottleSettings& settings, const Clock& clock);

    void use(const config::ThrottleSettings& settings) override;
    Result<Taken, StoreError> take(const LoginKeys& keys) override;
    void give_back(const LoginKeys& keys, Millis taken, Why why) override;
    Result<std::chrono::milliseconds, StoreError> take_registration(std::uint64_t address) override;
    Result<std::chrono::milliseconds, StoreError> take_mail(MailCount count,
                                                            std::uint64_t key) override;
    Result<std::chrono::milliseconds, StoreError>
    take_passkey_options(std::uint64_t address) override;

private:
    const Clock& clock_;

    std::mutex mutex_;
    LoginLimits limits_;
    LimitedTable<PairState> pairs_;
    LimitedTable<WindowState> accounts_;
    LimitedTable<WindowState> addresses_;
    LimitedTable<WindowState> devices_;
    LimitedTable<BucketState> registrations_;
    LimitedTable<WindowState> mail_addresses_;
    LimitedTable<WindowState> mail_accounts_;
    LimitedTable<BucketState> passkey_options_;
};

} // namespace gatehouse::auth
