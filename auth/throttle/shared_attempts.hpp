#pragma once

#include "auth/store/shared_states.hpp"
#include "auth/throttle/attempts.hpp"
#include "auth/throttle/login_limits.hpp"

#include <functional>

namespace gatehouse::auth {

/// Counts in the store, for all its gateways together. Limits that are off cost nothing there.
class SharedAttempts final : public Attempts {
public:
    /// `states` outlives it.
    SharedAttempts(const config::ThrottleSettings& settings, SharedStates& states);

    Result<Taken, StoreError> take(const LoginKeys& keys) override;
    void give_back(const LoginKeys& keys, Millis taken, Why why) override;
    Result<std::chrono::milliseconds, StoreError> take_registration(std::uint64_t address) override;

private:
    using LoginChange = std::function<void(LoginStates& states, Millis now)>;

    [[nodiscard]] Result<void, StoreError> change(const LoginKeys& keys, const LoginChange& change);
    template <class State, class Limit, class Change>
    [[nodiscard]] Result<void, StoreError> change_one(std::uint64_t key, const Limit& limit,
                                                      const Change& change);

    const LoginLimits limits_;
    SharedStates& states_;
};

} // namespace gatehouse::auth
