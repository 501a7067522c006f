#include "gateway/pipeline/serve_budget.hpp"

#include "config/basics/enforced.hpp"
#include "gateway/budget/quota_news.hpp"
#include "gateway/pipeline/serve_wanted.hpp"

#include <algorithm>
#include <chrono>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;
using Time = UpstreamBudget::Time;

/// Whoever waits looks so often whether its client and its session are still there.
constexpr Time look_every = 500ms;
/// What a portion of a shared budget may take to come.
constexpr Time longest_fetch = 250ms;

Refusal refused(const Exchange& exchange, Time wait)
{
    exchange.asked->budget_refusals.add();
    Refusal refusal(RefusalCode::overloaded, "upstreams.<name>.budget");
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait);
    refusal.retry_after =
        static_cast<std::uint32_t>(std::clamp<std::int64_t>(seconds.count(), 1, 86'400));
    return refusal;
}

} // namespace

UpstreamBudget::Verdict BudgetTurn::take()
{
    const auto verdict = budget_->take(UpstreamBudget::now());
    has_one_ = verdict.passes;
    was_sent_ = false;
    return verdict;
}

bool BudgetTurn::again()
{
    if (budget_ == nullptr || (has_one_ && !was_sent_)) return true;
    end();
    return take().passes || !enforced("serve.budget_retry");
}

void BudgetTurn::end()
{
    if (!has_one_) return;
    has_one_ = false;
    if (was_sent_) {
        budget_->end(UpstreamBudget::now());
    } else {
        budget_->give_back();
    }
}

/// A 503 is the word of one endpoint: where there are others, they may still be asked.
void BudgetTurn::hear_of(const Exchange& exchange, const Rooms& rooms)
{
    const auto& response = exchange.response;
    auto news = quota_news(response.status, response.fields, rooms.shared.clock.seconds());
    const auto number = exchange.admission.route->upstream;
    if (response.status == 503 && exchange.generation->upstreams[number].size() > 1) {
        news.closed = {};
    }
    if (!news.empty()) budget_->hear(news, UpstreamBudget::now());
    end();
}

Task<std::optional<Refusal>> wait_for_turn(Exchange& exchange, Rooms& rooms, BudgetTurn& turn)
{
    auto verdict = turn.take();
    if (verdict.passes) co_return std::nullopt;
    const auto settings = turn.budget().settings();
    const Time patience =
        settings.shared ? std::max<Time>(settings.wait, longest_fetch) : Time(settings.wait);
    const auto over = UpstreamBudget::now() + patience;
    if (patience > Time{}) exchange.asked->budget_waits.add();
    for (;;) {
        const auto left = over - UpstreamBudget::now();
        if (left < verdict.wait || left <= Time{}) co_return refused(exchange, verdict.wait);
        const auto pause =
            std::chrono::ceil<std::chrono::milliseconds>(std::min(verdict.wait, look_every));
        exchange.patience.arm(rooms.timers, pause, exchange.waiter);
        while (!exchange.patience.has_passed()) co_await exchange.waiter.sleep();
        exchange.patience.clear();
        auto unwanted = no_longer_wanted(exchange, rooms);
        if (unwanted) co_return unwanted;
        verdict = turn.take();
        if (verdict.passes) co_return std::nullopt;
    }
}

} // namespace gatehouse::gateway
