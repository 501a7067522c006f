#include "gateway/budget/quota_portion.hpp"

#include "config/basics/enforced.hpp"
#include "gateway/budget/quota_window.hpp"

#include <algorithm>

namespace gatehouse::gateway {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

milliseconds portion_life(const config::BudgetSettings& settings)
{
    return std::clamp<milliseconds>(settings.per / 8, 50ms, 2s);
}

milliseconds portion_kept(const config::BudgetSettings& settings)
{
    return 2 * settings.per + 4 * portion_life(settings) + 10s;
}

Portion take_portion(std::string& text, const config::BudgetSettings& settings, auth::Millis now,
                     std::uint32_t wanted)
{
    const QuotaWindow::Time here = now.time_since_epoch();
    QuotaWindow window;
    if (!window.read(text)) window = QuotaWindow(settings.per);
    // Another time than it was, or a clock that was set back: all of it counts as of now.
    const bool is_other = window.per() < settings.per || window.per() > settings.per + 1ms;
    const auto arrives = here + 2 * portion_life(settings);
    if (is_other || window.next_change(here) > arrives + 2 * window.per()) {
        window = window.with(settings.per, here);
    }
    const auto used = window.used(here);
    const auto left = used < settings.requests ? settings.requests - used : 0;
    if (left == 0 && enforced("budget.shared_quota")) return {0, window.next_change(here) - here};
    const auto most = std::max<std::uint32_t>(settings.requests / 4, 1);
    const Portion portion{std::min({std::max<std::uint32_t>(wanted, 1), std::max(left, 1U), most}),
                          {}};
    window.add(arrives, portion.requests);
    text = window.text();
    return portion;
}

} // namespace gatehouse::gateway
