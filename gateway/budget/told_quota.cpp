#include "gateway/budget/told_quota.hpp"

#include <algorithm>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;

/// Ends of windows are told in whole seconds, by clocks that do not agree.
constexpr ToldQuota::Time alike = 2s;

} // namespace

void ToldQuota::hear(const QuotaNews& news, std::uint32_t under_way, Time now) noexcept
{
    forget_what_is_over(now);
    if (news.closed.count() != 0) closed_until_ = std::max(closed_until_, now + news.closed);
    for (std::size_t i = 0; i < news.lefts; ++i) {
        const auto& told = news.left[i];
        const auto left = static_cast<std::int64_t>(std::min(told.requests, QuotaNews::endless));
        hear_left({left - under_way, now + told.until});
    }
}

/// Of the window whose end comes nearest: it is that one, or there is no place for one more.
void ToldQuota::hear_left(const Window& told) noexcept
{
    const auto distance = [&](const Window& window) {
        if (window.until == Time{}) return alike + Time{1}; // a free place, unless it is known
        return std::chrono::abs(window.until - told.until);
    };
    auto& window = *std::ranges::min_element(windows_, {}, distance);
    if (window.until == Time{}) {
        window = told;
    } else {
        window.left = std::min(window.left, told.left);
        window.until = std::max(window.until, told.until);
    }
}

void ToldQuota::forget_what_is_over(Time now) noexcept
{
    for (auto& window : windows_) {
        if (now >= window.until) window = {};
    }
}

bool ToldQuota::may_take(Time now) noexcept
{
    forget_what_is_over(now);
    if (now < closed_until_) return false;
    return std::ranges::all_of(
        windows_, [](const Window& window) { return window.until == Time{} || window.left > 0; });
}

ToldQuota::Time ToldQuota::open_at(Time now) const noexcept
{
    auto at = std::max(now, closed_until_);
    for (const auto& window : windows_) {
        if (window.until != Time{} && window.left <= 0) at = std::max(at, window.until);
    }
    return at;
}

void ToldQuota::take() noexcept
{
    for (auto& window : windows_) {
        if (window.until != Time{}) --window.left;
    }
}

void ToldQuota::give_back() noexcept
{
    for (auto& window : windows_) {
        if (window.until != Time{}) ++window.left;
    }
}

} // namespace gatehouse::gateway
