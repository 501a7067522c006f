#include "auth/throttle/login_limits.hpp"

#include "config/basics/enforced.hpp"

#include <algorithm>

namespace gatehouse::auth {

using namespace std::chrono_literals;

LoginLimits::LoginLimits(const config::ThrottleSettings& settings) noexcept
    : pair_(settings.pair_free, settings.pair_first_wait, settings.pair_longest_wait),
      account_(settings.account_per_hour, 1h),
      address_(settings.address_per_10_minutes, 10min),
      device_(settings.device_per_hour, 1h),
      registration_(settings.registrations_per_minute, settings.registration_burst),
      mail_address_(settings.mails_per_address_per_hour, 1h),
      mail_account_(settings.mails_per_account_per_hour, 1h),
      passkey_options_(settings.passkey_options_per_minute, settings.passkey_options_burst)
{
}

std::chrono::milliseconds LoginLimits::take(LoginStates& states, Millis now) const noexcept
{
    auto wait = 0ms;
    if (enforced("throttle.pair")) wait = std::max(wait, pair_.wait(states.pair, now));
    if (enforced("throttle.account")) wait = std::max(wait, account_.wait(states.account, now));
    if (enforced("throttle.address")) wait = std::max(wait, address_.wait(states.address, now));
    if (wait > 0ms) return wait;
    pair_.take(states.pair, now);
    account_.take(states.account, now);
    address_.take(states.address, now);
    return 0ms;
}

void LoginLimits::give_back(LoginStates& states, Millis taken) const noexcept
{
    pair_.give_back(states.pair);
    account_.give_back(states.account, taken);
    address_.give_back(states.address, taken);
}

std::chrono::milliseconds LoginLimits::take_device(WindowState& state, Millis now) const noexcept
{
    const auto wait = device_.wait(state, now);
    if (enforced("throttle.device") && wait > 0ms) return wait;
    device_.take(state, now);
    return 0ms;
}

std::chrono::milliseconds LoginLimits::take_registration(BucketState& state,
                                                         Millis now) const noexcept
{
    const auto wait = registration_.wait(state, now);
    if (enforced("throttle.registrations") && wait > 0ms) return wait;
    registration_.take(state, now);
    return 0ms;
}

std::chrono::milliseconds LoginLimits::take_passkey_options(BucketState& state,
                                                            Millis now) const noexcept
{
    const auto wait = passkey_options_.wait(state, now);
    if (enforced("throttle.passkey_options") && wait > 0ms) return wait;
    passkey_options_.take(state, now);
    return 0ms;
}

std::chrono::milliseconds LoginLimits::take_mail(const WindowLimit& limit, WindowState& state,
                                                 Millis now) noexcept
{
    const auto wait = limit.wait(state, now);
    if (enforced("throttle.mails") && wait > 0ms) return wait;
    limit.take(state, now);
    return 0ms;
}

} // namespace gatehouse::auth
