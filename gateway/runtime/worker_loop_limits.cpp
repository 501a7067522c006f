// What a worker's loop sees of its limits: whose connection is one too many, and whether it is
// late.
#include "config/basics/enforced.hpp"
#include "gateway/runtime/worker_loop.hpp"

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;

constexpr auto lag_look_every = 100ms;

} // namespace

/// A trusted proxy speaks for many, and has as many connections as it likes.
bool WorkerLoop::is_one_too_many(ClientConnection& connection)
{
    const auto most = generation().runtime->settings.limits.connections_per_address;
    if (most == 0 || connection.is_trusted()) return false;
    const bool free = connection.take_place(shared_.limits, most);
    return !free && enforced("worker.connections_per_address");
}

void WorkerLoop::watch_lag() noexcept
{
    if (generation().runtime->settings.limits.loop_lag > 0ms) {
        if (!next_lag_look_.is_armed()) look_at_lag();
        return;
    }
    next_lag_look_.clear();
    lag_look_due_ = 0ms;
    lag_ = {};
    rooms_.late = false;
}

/// An alarm that rings late does so because everything here is late.
void WorkerLoop::look_at_lag() noexcept
{
    const auto now = Timers::now();
    const auto late = lag_look_due_ == 0ms ? 0ms : now - lag_look_due_;
    lag_.look(late, generation().runtime->settings.limits.loop_lag, now);
    rooms_.late = lag_.sheds();
    lag_look_due_ = now + lag_look_every;
    next_lag_look_.arm(timers_, lag_look_every, lag_look_);
}

} // namespace gatehouse::gateway
