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
        const auto left = told.requests > under_way ? told.requests - under_way : 0;
        hear_left(left, now + told.until, now);
    }
}

void ToldQuota::hear_left(std::uint64_t left, Time until, Time) noexcept
{
    auto& [first, second] = windows_;
    const auto narrow = [&](Window& window) {
        window.left = std::min(window.left, left);
        window.until = std::max(window.until, until);
    };
    if (first.until == Time{}) {
        first = {left, until};
    } else if (until <= first.until + alike) {
        narrow(first);
    } else if (second.until != Time{} && until <= second.until + alike) {
        narrow(second);
    } else {
        second = {left, until}; // a later window than any before
    }
}

void ToldQuota::forget_what_is_over(Time now) noexcept
{
    auto& [first, second] = windows_;
    if (second.until != Time{} && now >= second.until) second = {};
    if (first.until == Time{} || now < first.until) return;
    first = second;
    second = {};
}

bool ToldQuota::may_take(Time now) noexcept
{
    forget_what_is_over(now);
    if (now < closed_until_) return false;
    return std::ranges::all_of(
        windows_, [](const Window& window) { return window.until == Time{} || window.left != 0; });
}

ToldQuota::Time ToldQuota::open_at(Time now) const noexcept
{
    auto at = std::max(now, closed_until_);
    for (const auto& window : windows_) {
        if (window.until != Time{} && window.left == 0) at = std::max(at, window.until);
    }
    return at;
}

void ToldQuota::take() noexcept
{
    for (auto& window : windows_) {
        if (window.left != 0) --window.left;
    }
}

void ToldQuota::give_back() noexcept
{
    for (auto& window : windows_) {
        if (window.until != Time{}) ++window.left;
    }
}

} // namespace gatehouse::gateway
