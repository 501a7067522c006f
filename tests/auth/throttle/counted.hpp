#pragma once

#include "auth/throttle/login_throttle.hpp"
#include "tests/auth/service/auth_fixture.hpp"
#include "tests/auth/store/open_states.hpp"

/// What a throttle promises wherever it counts. `every_place` are all of them, `every_shared_place`
/// (open_states.hpp) those where several gateways count together.
namespace gatehouse::auth::contract {

/// Empty at first; who opens a throttle there is one more gateway.
class Counted : public testing::TestWithParam<const char*> {
protected:
    Counted();

    [[nodiscard]] std::unique_ptr<LoginThrottle> open(const config::ThrottleSettings& settings);

    /// How many of `tries` logins are admitted when none of them succeeds.
    static int admitted(LoginThrottle& throttle, std::string_view account, std::string_view address,
                        int tries);

    FakeClock clock;

private:
    TemporaryFolder folder_;
    const Secret key_;
    std::vector<std::shared_ptr<SharedStates>> states_; // of each gateway
};

inline const auto every_place = testing::Values("memory", "postgres", "pgbouncer", "redis");
inline const std::string home = "192.0.2.1";

/// Settings with one limit only.
[[nodiscard]] config::ThrottleSettings only_pair();
[[nodiscard]] config::ThrottleSettings only_account();
[[nodiscard]] config::ThrottleSettings only_address();

} // namespace gatehouse::auth::contract
