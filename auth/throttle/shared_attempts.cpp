#include "auth/throttle/shared_attempts.hpp"

#include "auth/throttle/state_text.hpp"
#include "config/basics/enforced.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gatehouse::auth {

using namespace std::chrono_literals;

namespace {

/// Every limit that is in force with its key and its state, always in the same order.
template <class Visit>
void visit_in_force(const LoginLimits& limits, const LoginKeys& keys, LoginStates& states,
                    Visit visit)
{
    if (limits.pair().is_on()) visit(limits.pair(), keys.pair, states.pair);
    if (limits.account().is_on()) visit(limits.account(), keys.account, states.account);
    if (limits.address().is_on()) visit(limits.address(), keys.address, states.address);
}

[[nodiscard]] std::string name_of(std::uint64_t key)
{
    return fmt::format("{:016x}", key);
}

/// false: who could not read how often somebody tried would let him try again.
template <class State>
[[nodiscard]] bool is_known(std::string_view text, State& state)
{
    return read_text(text, state) || !enforced("throttle.readable");
}

} // namespace

SharedAttempts::SharedAttempts(const config::ThrottleSettings& settings, SharedStates& states)
    : states_(states),
      limits_(settings)
{
}

void SharedAttempts::use(const config::ThrottleSettings& settings)
{
    const std::lock_guard lock(mutex_);
    limits_ = LoginLimits(settings);
}

LoginLimits SharedAttempts::limits() const
{
    const std::lock_guard lock(mutex_);
    return limits_;
}

Result<void, StoreError> SharedAttempts::change(const LoginLimits& limits, const LoginKeys& keys,
                                                const LoginChange& change)
{
    std::vector<std::string> names;
    auto kept = 0ms;
    LoginStates states;
    visit_in_force(limits, keys, states, [&](const auto& limit, std::uint64_t key, auto&) {
        names.push_back(name_of(key));
        kept = std::max(kept, limit.memory());
    });
    if (names.empty()) return {};
    return states_.change(
        names, kept, [&](std::span<std::string> texts, Millis now) -> Result<void, StoreError> {
            bool good = true;
            std::size_t row = 0;
            visit_in_force(limits, keys, states, [&](const auto&, std::uint64_t, auto& state) {
                good = is_known(texts[row++], state) && good;
            });
            if (!good) return StoreError::unavailable;
            change(states, now);
            row = 0;
            visit_in_force(limits, keys, states, [&](const auto&, std::uint64_t, auto& state) {
                texts[row++] = to_text(state);
            });
            return {};
        });
}

template <class State, class Limit, class Change>
Result<void, StoreError> SharedAttempts::change_one(std::uint64_t key, const Limit& limit,
                                                    const Change& change)
{
    const std::vector<std::string> names = {name_of(key)};
    return states_.change(
        names, limit.memory(),
        [&](std::span<std::string> texts, Millis now) -> Result<void, StoreError> {
            State state;
            if (!is_known(texts.front(), state)) return StoreError::unavailable;
            change(state, now);
            texts.front() = to_text(state);
            return {};
        });
}

template <class Take>
Result<std::chrono::milliseconds, StoreError>
SharedAttempts::take_from_bucket(std::uint64_t address, const BucketLimit& limit, const Take& take)
{
    auto wait = 0ms;
    if (!limit.is_on()) return wait;
    const auto changed = change_one<BucketState>(
        address, limit, [&](BucketState& state, Millis now) { wait = take(state, now); });
    if (!changed) return changed.error();
    return wait;
}

Result<Attempts::Taken, StoreError> SharedAttempts::take(const LoginKeys& keys)
{
    const auto limits = this->limits();
    Taken taken;
    const auto changed =
        keys.device ? change_one<WindowState>(*keys.device, limits.device(),
                                              [&](WindowState& state, Millis now) {
                                                  taken = {limits.take_device(state, now), now};
                                              })
                    : change(limits, keys, [&](LoginStates& states, Millis now) {
                          taken = {limits.take(states, now), now};
                      });
    if (!changed) return changed.error();
    return taken;
}

void SharedAttempts::give_back(const LoginKeys& keys, Millis taken, Why why)
{
    const auto limits = this->limits();
    // Where the store does not answer the attempt counts as a failure, until it is forgotten.
    if (keys.device) {
        [[maybe_unused]] const auto given =
            change_one<WindowState>(*keys.device, limits.device(), [&](WindowState& state, Millis) {
                limits.device().give_back(state, taken);
            });
        return;
    }
    [[maybe_unused]] const auto given = change(limits, keys, [&](LoginStates& states, Millis) {
        limits.give_back(states, taken);
        if (why == Why::right_password) limits.start_pair_afresh(states);
    });
}

Result<std::chrono::milliseconds, StoreError>
SharedAttempts::take_registration(std::uint64_t address)
{
    const auto limits = this->limits();
    return take_from_bucket(address, limits.registration(), [&](BucketState& state, Millis now) {
        return limits.take_registration(state, now);
    });
}

Result<std::chrono::milliseconds, StoreError>
SharedAttempts::take_passkey_options(std::uint64_t address)
{
    const auto limits = this->limits();
    return take_from_bucket(address, limits.passkey_options(), [&](BucketState& state, Millis now) {
        return limits.take_passkey_options(state, now);
    });
}

Result<std::chrono::milliseconds, StoreError> SharedAttempts::take_mail(MailCount count,
                                                                        std::uint64_t key)
{
    const auto limits = this->limits();
    auto wait = 0ms;
    const auto& limit = count == MailCount::address ? limits.mail_address() : limits.mail_account();
    if (!limit.is_on()) return wait;
    const auto changed = change_one<WindowState>(key, limit, [&](WindowState& state, Millis now) {
        wait = LoginLimits::take_mail(limit, state, now);
    });
    if (!changed) return changed.error();
    return wait;
}

} // namespace gatehouse::auth
