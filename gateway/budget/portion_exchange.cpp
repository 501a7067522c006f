#include "gateway/budget/portion_exchange.hpp"

#include "gateway/budget/quota_portion.hpp"

#include <fmt/format.h>

#include <chrono>
#include <span>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;

/// A ring that is missed costs no longer than this.
constexpr auto longest_sleep = 100ms;
constexpr auto idle_look = 5s;
constexpr auto pause_after_failure = 200ms;

} // namespace

PortionExchange::~PortionExchange()
{
    rooms_.bell.end();
    if (thread_.joinable()) thread_.join();
}

void PortionExchange::start()
{
    thread_ = std::thread([this] {
        while (!rooms_.bell.is_over()) {
            fetch();
            rooms_.bell.wait(rooms_.budgets().empty() ? idle_look : longest_sleep);
        }
    });
}

void PortionExchange::fetch()
{
    for (const auto& [upstream, budget] : rooms_.budgets()) fetch_for(upstream, *budget);
}

void PortionExchange::fetch_for(const std::string& upstream, UpstreamBudget& budget)
{
    const auto settings = budget.settings();
    // Before the store is asked: its clock starts the portion's life later, never sooner.
    const auto began = UpstreamBudget::now();
    const auto wanted = budget.wanted(began);
    if (wanted == 0) return;
    const auto name = fmt::format("quota:{:016x}", rooms_.keys.of('q', upstream));
    Portion portion;
    const auto told = rooms_.states.change(
        std::span(&name, 1), portion_kept(settings),
        [&](std::span<std::string> states, auth::Millis now) -> Result<void, auth::StoreError> {
            portion = take_portion(states.front(), settings, now, wanted);
            return {};
        });
    if (!told) {
        rooms_.failures.fetch_add(1, std::memory_order_relaxed);
        budget.bring_none(UpstreamBudget::now() + pause_after_failure);
    } else if (portion.requests == 0) {
        budget.bring_none(UpstreamBudget::now() + portion.wait);
    } else {
        budget.bring(portion.requests, began + portion_life(settings));
    }
}

} // namespace gatehouse::gateway
