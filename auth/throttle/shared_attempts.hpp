#pragma once

#include "auth/store/shared_states.hpp"
#include "auth/throttle/attempts.hpp"
#include "auth/throttle/login_limits.hpp"

#include <functional>
#include <mutex>

namespace gatehouse::auth {

/// Counts in the store, for all its gateways together. Limits that are off cost nothing there.
class SharedAttempts final : public Attempts {
public:
    /// `states` outlives it.
    SharedAttempts(const config::ThrottleSettings& settings, SharedStates& states);

    void use(const config::ThrottleSettings& settings) override;
    Result<Taken, StoreError> take(const LoginKeys& keys) override;
    void give_back(const LoginKeys& keys, Millis taken, Why why) override;
    Result<std::chrono::milliseconds, StoreError> take_registration(std::uint64_t address) override;
    Result<std::chrono::milliseconds, StoreError> take_mail(MailCount count,
                                                            std::uint64_t key) override;
    Result<std::chrono::milliseconds, StoreError>
    take_passkey_options(std::uint64_t address) override;

private:
    using LoginChange = std::function<void(LoginStates& states, Millis now)>;

    /// Those of this moment.
    [[nodiscard]] LoginLimits limits() const;
    [[nodiscard]] Result<void, StoreError> change(const LoginLimits& limits, const LoginKeys& keys,
                                                  const LoginChange& change);
    template <class State, class Limit, class Change>
    [[nodiscard]] Result<void, StoreError> change_one(std::uint64_t key, const Limit& limit,
                                                      const Change& change);
    template <class Take>
    [[nodiscard]] Result<std::chrono::milliseconds, StoreError>
    take_from_bucket(std::uint64_t address, const BucketLimit& limit, const Take& take);

    SharedStates& states_;
    mutable std::mutex mutex_;
    LoginLimits limits_; // guarded by mutex_
};

} // namespace gatehouse::auth
