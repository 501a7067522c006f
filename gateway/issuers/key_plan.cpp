#include "gateway/issuers/key_plan.hpp"

#include "config/basics/enforced.hpp"

#include <algorithm>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr milliseconds first_pause = 1s;
constexpr milliseconds longest_pause = 1min; // of tries that fail
constexpr unsigned most_doublings = 6;
constexpr std::size_t most_missed = 256;
constexpr auto missed_for = 5min;

/// A part of it that chance decides, so that not all gateways ask in the same second.
milliseconds spread(milliseconds pause, double part, double chance)
{
    const auto cut = static_cast<double>(pause.count()) * part * std::clamp(chance, 0.0, 1.0);
    return pause - milliseconds(static_cast<std::int64_t>(cut));
}

} // namespace

void KeyPlan::fetched(Time now, std::optional<std::chrono::seconds> max_age, double chance)
{
    // Whatever an issuer says, it is asked as often as we want, and never without a pause.
    const auto least = std::min(terms_.cooldown, terms_.refresh);
    const auto wanted = max_age ? std::min<milliseconds>(*max_age, terms_.refresh) : terms_.refresh;
    fetched_at_ = tried_at_ = now;
    failures_ = 0;
    due_ = now + spread(std::max(wanted, least), 0.1, chance);
}

void KeyPlan::failed(Time now, double chance)
{
    tried_at_ = now;
    const auto doubled = first_pause * (1U << std::min(failures_++, most_doublings));
    due_ = now + spread(std::min({doubled, longest_pause, terms_.refresh}), 0.5, chance);
}

bool KeyPlan::want(std::uint64_t key, Time now)
{
    std::erase_if(missed_, [&](const auto& each) { return each.second <= now; });
    const bool too_soon = tried_at_ && now < *tried_at_ + terms_.cooldown;
    if (enforced("issuers.cooldown") && too_soon) return false;
    if (enforced("issuers.missed_keys") && missed_.contains(key)) return false;
    if (enforced("issuers.missed_bound") && missed_.size() >= most_missed) missed_.clear();
    missed_[key] = now + missed_for;
    due_ = now;
    return true;
}

bool KeyPlan::is_stale(Time now) const noexcept
{
    return enforced("issuers.stale") && fetched_at_ && now >= *fetched_at_ + terms_.stale_for;
}

std::optional<KeyPlan::Time> KeyPlan::stale_at() const noexcept
{
    if (!fetched_at_) return std::nullopt;
    return *fetched_at_ + terms_.stale_for;
}

} // namespace gatehouse::gateway
