#include "gateway/budget/upstream_budget.hpp"

#include "config/basics/enforced.hpp"

#include <algorithm>
#include <chrono>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;

/// Whoever cannot be told when there is room asks again so soon.
constexpr UpstreamBudget::Time soon = 5ms;

} // namespace

void PortionBell::ring()
{
    const std::scoped_lock lock(mutex_);
    rings_ = true;
    rung_.notify_all();
}

void PortionBell::wait(std::chrono::milliseconds most)
{
    std::unique_lock lock(mutex_);
    rung_.wait_for(lock, most, [this] { return rings_ || over_; });
    rings_ = false;
}

void PortionBell::end()
{
    const std::scoped_lock lock(mutex_);
    over_ = true;
    rung_.notify_all();
}

bool PortionBell::is_over()
{
    const std::scoped_lock lock(mutex_);
    return over_;
}

void UpstreamBudget::use(const config::BudgetSettings& settings)
{
    const std::scoped_lock lock(mutex_);
    if (settings == settings_) return;
    if (settings.per != settings_.per || window_.per() < settings.per) {
        window_ = window_.with(settings.per, now());
    }
    if (!settings.obey) told_ = {};
    settings_ = settings;
}

config::BudgetSettings UpstreamBudget::settings() const
{
    const std::scoped_lock lock(mutex_);
    return settings_;
}

UpstreamBudget::Verdict UpstreamBudget::take(Time now)
{
    const std::scoped_lock lock(mutex_);
    if (enforced("budget.told") && settings_.obey && !told_.may_take(now)) {
        return {false, told_.open_at(now) - now};
    }
    const auto verdict = in_portions() ? take_of_portion(now) : take_of_quota(now);
    if (!verdict.passes) return verdict;
    if (settings_.obey) told_.take();
    ++under_way_;
    return verdict;
}

UpstreamBudget::Verdict UpstreamBudget::take_of_quota(Time now)
{
    if (settings_.requests == 0 || !enforced("budget.quota")) return {true, {}};
    const auto used = window_.used(now) + under_way_;
    if (used < settings_.requests) return {true, {}};
    const auto next = window_.next_change(now);
    return {false, std::max(next - now, soon)};
}

UpstreamBudget::Verdict UpstreamBudget::take_of_portion(Time now)
{
    const bool has = portion_ != 0 && now < portion_until_;
    if (has || !enforced("budget.portion")) {
        if (has) --portion_;
        ++used_;
        return {true, {}};
    }
    ++asked_for_;
    if (now >= none_until_) bell_->ring();
    return {false, std::max(none_until_ - now, soon)};
}

void UpstreamBudget::give_back()
{
    const std::scoped_lock lock(mutex_);
    --under_way_;
    told_.give_back();
    // Of a portion it is lost: it may have been of another than that of now.
}

void UpstreamBudget::end(Time now)
{
    const std::scoped_lock lock(mutex_);
    --under_way_;
    if (settings_.requests != 0) window_.add(now, 1);
}

void UpstreamBudget::hear(const QuotaNews& news, Time now)
{
    const std::scoped_lock lock(mutex_);
    // Whoever hears it is still counted as under way, and the answer knows of it.
    if (settings_.obey) told_.hear(news, under_way_ == 0 ? 0 : under_way_ - 1, now);
}

std::uint32_t UpstreamBudget::wanted(Time now)
{
    const std::scoped_lock lock(mutex_);
    if (!in_portions() || asked_for_ == 0 || now < none_until_) return 0;
    return asked_for_ + used_;
}

void UpstreamBudget::bring(std::uint32_t portion, Time until)
{
    const std::scoped_lock lock(mutex_);
    portion_ = portion;
    portion_until_ = until;
    asked_for_ = used_ = 0;
}

void UpstreamBudget::bring_none(Time until)
{
    const std::scoped_lock lock(mutex_);
    none_until_ = until;
    asked_for_ = 0;
}

} // namespace gatehouse::gateway
