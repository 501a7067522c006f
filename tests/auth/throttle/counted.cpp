#include "tests/auth/throttle/counted.hpp"

namespace gatehouse::auth::contract {

Counted::Counted() : key_(LoginThrottle::new_fingerprint_key())
{
    if (GetParam() != std::string("memory")) clear_states(GetParam(), folder_.path());
}

std::unique_ptr<LoginThrottle> Counted::open(const config::ThrottleSettings& settings)
{
    if (GetParam() == std::string("memory")) {
        return std::make_unique<LoginThrottle>(settings, clock);
    }
    states_.push_back(open_states(GetParam(), &clock));
    return std::make_unique<LoginThrottle>(settings, *states_.back(), key_);
}

int Counted::admitted(LoginThrottle& throttle, std::string_view account, std::string_view address,
                      int tries)
{
    int count = 0;
    for (int i = 0; i < tries; ++i) count += throttle.take_login(account, address).has_value();
    return count;
}

config::ThrottleSettings only_pair()
{
    config::ThrottleSettings settings;
    settings.account_per_hour = 0;
    settings.address_per_10_minutes = 0;
    return settings;
}

config::ThrottleSettings only_account()
{
    config::ThrottleSettings settings;
    settings.pair_free = 0;
    settings.address_per_10_minutes = 0;
    return settings;
}

config::ThrottleSettings only_address()
{
    config::ThrottleSettings settings;
    settings.pair_free = 0;
    settings.account_per_hour = 0;
    return settings;
}

} // namespace gatehouse::auth::contract
