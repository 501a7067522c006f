#include "gateway/service/watchdog.hpp"

#include <utility>

namespace gatehouse::gateway {

RollCall::RollCall(std::vector<Watched> loops)
{
    for (auto& loop : loops) {
        loops_.push_back({std::move(loop), std::make_shared<std::atomic<bool>>(true)});
    }
}

bool RollCall::all_answered()
{
    bool all = true;
    for (const auto& [watched, answered] : loops_) {
        if (watched.has_ended()) continue;
        if (!*answered) {
            all = false;
            continue;
        }
        *answered = false;
        watched.ask([flag = answered] { *flag = true; });
    }
    return all;
}

Watchdog::Watchdog(std::chrono::microseconds limit, std::vector<Watched> loops,
                   std::function<void()> sign_of_life)
    : pace_(limit / 3),
      roll_call_(std::move(loops)),
      sign_of_life_(std::move(sign_of_life)),
      thread_([this] { run(); })
{
}

Watchdog::~Watchdog()
{
    {
        const std::scoped_lock lock(mutex_);
        stopped_ = true;
    }
    stopping_.notify_all();
    thread_.join();
}

void Watchdog::run()
{
    std::unique_lock lock(mutex_);
    while (!stopped_) {
        if (roll_call_.all_answered()) sign_of_life_();
        stopping_.wait_for(lock, pace_, [this] { return stopped_; });
    }
}

} // namespace gatehouse::gateway
