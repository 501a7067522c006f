#include "auth/throttle/limits.hpp"

#include <algorithm>
#include <numeric>

namespace gatehouse::auth {

using std::chrono::microseconds;
using std::chrono::milliseconds;

namespace {

std::int64_t ms_of(Millis at) noexcept
{
    return at.time_since_epoch().count();
}

microseconds us_of(Millis at) noexcept
{
    return at.time_since_epoch();
}

} // namespace

PairLimit::PairLimit(std::uint32_t free, std::chrono::seconds first_wait,
                     std::chrono::seconds longest_wait) noexcept
    : free_(free),
      first_wait_(first_wait),
      longest_wait_(longest_wait)
{
}

milliseconds PairLimit::pause_after(std::uint32_t failures) const noexcept
{
    if (failures < free_) return milliseconds{0};
    auto pause = first_wait_;
    for (auto n = free_; n < failures && pause < longest_wait_; ++n) pause *= 2;
    return std::min(pause, longest_wait_);
}

milliseconds PairLimit::wait(const PairState& state, Millis now) const noexcept
{
    if (free_ == 0 || is_idle(state, now)) return milliseconds{0};
    // A clock set back must not lengthen the wait beyond what it was at the last attempt.
    const milliseconds passed{std::max<std::int64_t>(0, ms_of(now) - state.last_ms)};
    return std::max(milliseconds{0}, pause_after(state.failures) - passed);
}

void PairLimit::take(PairState& state, Millis now) const noexcept
{
    if (is_idle(state, now)) state = PairState{};
    state.last_ms = ms_of(now);
    ++state.failures;
}

void PairLimit::give_back(PairState& state) const noexcept
{
    if (state.failures > 0) --state.failures;
}

bool PairLimit::is_idle(const PairState& state, Millis now) const noexcept
{
    return state.failures == 0 ||
           ms_of(now) - state.last_ms >=
               pause_after(state.failures).count() + 4 * longest_wait_.count();
}

WindowLimit::WindowLimit(std::uint32_t limit, std::chrono::seconds window) noexcept
    : limit_(limit),
      slice_(milliseconds(window) / WindowState::slices)
{
}

std::int64_t WindowLimit::slice_of(Millis at) const noexcept
{
    return ms_of(at) / slice_.count();
}

/// counts[0] is the running slice, counts[n] the one n slices ago.
WindowState WindowLimit::moved_to(const WindowState& state, Millis now) const noexcept
{
    const auto current = slice_of(now);
    const auto passed = current - state.newest;
    if (passed == 0) return state;
    // A clock set back by a little: keep counting in the newest slice. By much: begin again.
    constexpr auto kept = static_cast<std::int64_t>(WindowState::slices);
    if (passed < 0 && passed >= -kept) return state;
    WindowState moved;
    moved.newest = current;
    if (passed > 0 && passed <= kept) {
        std::copy(state.counts.begin(), state.counts.end() - passed, moved.counts.begin() + passed);
    }
    return moved;
}

milliseconds WindowLimit::wait(const WindowState& state, Millis now) const noexcept
{
    if (limit_ == 0) return milliseconds{0};
    const auto moved = moved_to(state, now);
    std::uint64_t attempts = weight(moved, now);
    for (std::size_t age = WindowState::slices + 1; attempts >= limit_ && age-- > 0;) {
        attempts -= moved.counts.at(age);
        if (attempts >= limit_) continue;
        const auto leaves = moved.newest + static_cast<std::int64_t>(WindowState::slices + 1 - age);
        return milliseconds{leaves * slice_.count() - ms_of(now)};
    }
    return milliseconds{0};
}

void WindowLimit::take(WindowState& state, Millis now) const noexcept
{
    state = moved_to(state, now);
    ++state.counts.front();
}

void WindowLimit::give_back(WindowState& state, Millis taken) const noexcept
{
    // Another thread's later attempt may have moved the window on meanwhile.
    const auto age = std::max<std::int64_t>(0, state.newest - slice_of(taken));
    if (age > static_cast<std::int64_t>(WindowState::slices)) return;
    auto& count = state.counts.at(static_cast<std::size_t>(age));
    if (count > 0) --count;
}

bool WindowLimit::is_idle(const WindowState& state, Millis now) const noexcept
{
    return weight(state, now) == 0;
}

std::uint64_t WindowLimit::weight(const WindowState& state, Millis now) const noexcept
{
    const auto moved = moved_to(state, now);
    return std::accumulate(moved.counts.begin(), moved.counts.end(), std::uint64_t{0});
}

BucketLimit::BucketLimit(std::uint32_t per_minute, std::uint32_t burst) noexcept
    : per_token_(per_minute == 0 ? microseconds{0}
                                 : microseconds(std::chrono::minutes(1)) / per_minute),
      capacity_(per_token_ * std::max(burst, 1U))
{
}

milliseconds BucketLimit::wait(const BucketState& state, Millis now) const noexcept
{
    if (per_token_.count() == 0) return milliseconds{0};
    const microseconds empty_for = microseconds{state.full_at_us} - us_of(now);
    const auto missing = empty_for + per_token_ - capacity_;
    return std::max(milliseconds{0}, std::chrono::ceil<milliseconds>(missing));
}

void BucketLimit::take(BucketState& state, Millis now) const noexcept
{
    state.full_at_us =
        std::max<std::int64_t>(state.full_at_us, us_of(now).count()) + per_token_.count();
}

bool BucketLimit::is_idle(const BucketState& state, Millis now) const noexcept
{
    return state.full_at_us <= us_of(now).count();
}

std::uint64_t BucketLimit::weight(const BucketState& state, Millis now) const noexcept
{
    return static_cast<std::uint64_t>(
        std::max<std::int64_t>(0, state.full_at_us - us_of(now).count()));
}

} // namespace gatehouse::auth
