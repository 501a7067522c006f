#include "auth/throttle/own_attempts.hpp"

namespace gatehouse::auth {

using namespace std::chrono_literals;

OwnAttempts::OwnAttempts(const config::ThrottleSettings& settings, const Clock& clock)
    : clock_(clock),
      limits_(settings)
{
}

void OwnAttempts::use(const config::ThrottleSettings& settings)
{
    const std::lock_guard lock(mutex_);
    limits_ = LoginLimits(settings);
}

Result<Attempts::Taken, StoreError> OwnAttempts::take(const LoginKeys& keys)
{
    const std::lock_guard lock(mutex_);
    const auto now = clock_.now();
    if (keys.device) {
        return Taken{limits_.take_device(devices_.at(*keys.device, now, limits_.device()), now),
                     now};
    }
    auto& pair = pairs_.at(keys.pair, now, limits_.pair());
    auto& account = accounts_.at(keys.account, now, limits_.account());
    auto& address = addresses_.at(keys.address, now, limits_.address());
    LoginStates states{pair, account, address};
    const auto wait = limits_.take(states, now);
    pair = states.pair;
    account = states.account;
    address = states.address;
    return Taken{wait, now};
}

void OwnAttempts::give_back(const LoginKeys& keys, Millis taken, Why why)
{
    const std::lock_guard lock(mutex_);
    if (keys.device) {
        auto* const device = devices_.state_of(*keys.device);
        if (device != nullptr) limits_.device().give_back(*device, taken);
        return;
    }
    auto* const pair = pairs_.state_of(keys.pair);
    auto* const account = accounts_.state_of(keys.account);
    auto* const address = addresses_.state_of(keys.address);
    // What was pushed out meanwhile is not brought back.
    LoginStates states;
    if (pair != nullptr) states.pair = *pair;
    if (account != nullptr) states.account = *account;
    if (address != nullptr) states.address = *address;
    limits_.give_back(states, taken);
    if (why == Why::right_password) limits_.start_pair_afresh(states);
    if (pair != nullptr) *pair = states.pair;
    if (account != nullptr) *account = states.account;
    if (address != nullptr) *address = states.address;
}

Result<std::chrono::milliseconds, StoreError> OwnAttempts::take_registration(std::uint64_t address)
{
    const std::lock_guard lock(mutex_);
    const auto now = clock_.now();
    return limits_.take_registration(registrations_.at(address, now, limits_.registration()), now);
}

Result<std::chrono::milliseconds, StoreError>
OwnAttempts::take_passkey_options(std::uint64_t address)
{
    const std::lock_guard lock(mutex_);
    const auto now = clock_.now();
    return limits_.take_passkey_options(
        passkey_options_.at(address, now, limits_.passkey_options()), now);
}

Result<std::chrono::milliseconds, StoreError> OwnAttempts::take_mail(MailCount count,
                                                                     std::uint64_t key)
{
    const std::lock_guard lock(mutex_);
    const auto now = clock_.now();
    const bool by_address = count == MailCount::address;
    const auto& limit = by_address ? limits_.mail_address() : limits_.mail_account();
    auto& table = by_address ? mail_addresses_ : mail_accounts_;
    return LoginLimits::take_mail(limit, table.at(key, now, limit), now);
}

} // namespace gatehouse::auth
