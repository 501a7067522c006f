#include "gateway/net/turn.hpp"

#include <boost/version.hpp>

#include <utility>

namespace gatehouse::gateway {

// The scheduler asks its task, which is the reactor, when everything in front of that in its queue
// has run, and blocks there only if it has queued nothing behind it.
static_assert(BOOST_VERSION / 100 == 1081, "read scheduler::do_run_one again");

namespace {

using namespace std::chrono_literals;
using asio::detail::scheduler;
using asio::detail::scheduler_task;

/// The scheduler's task has no name outside: only an explicit instantiation may say it.
template <auto member>
struct Opened {
    friend scheduler_task*& task_of(scheduler& loop) noexcept { return loop.*member; }
};

scheduler_task*& task_of(scheduler& loop) noexcept;

template struct Opened<&scheduler::task_>;

// More than a busy worker takes for a request, and less than the sender of one takes to read the
// answer and ask again.
constexpr auto close_behind = 20us;

} // namespace

Turn::Turn(asio::io_context& io) : scheduler_(asio::use_service<Scheduler>(io))
{
    scheduler_.init_task();
    auto& task = task_of(scheduler_);
    reactor_ = task;
    task = this;
}

Turn::~Turn()
{
    task_of(scheduler_) = reactor_;
}

bool Turn::is_close_behind(Time now) noexcept
{
    return now - std::exchange(last_, now) < close_behind;
}

void Turn::send_at_end(Place& place, Wakeable& whom)
{
    if (!std::exchange(is_awaited_, true)) scheduler_.work_started();
    place.unlink();
    place.whom_ = &whom;
    row_.push_back(place);
}

/// Whoever was woken may have queued something, or stand in line again: then the reactor is only
/// looked at.
void Turn::run(long microseconds, Operations& found)
{
    if (is_awaited_) end();
    const bool may_block = found.empty() && !is_awaited_;
    reactor_->run(may_block ? microseconds : 0, found);
}

void Turn::interrupt()
{
    reactor_->interrupt();
}

void Turn::end() noexcept
{
    is_awaited_ = false;
    Row row;
    row.swap(row_); // who lines up from now on means the next turn
    for (auto next = row.begin(); next != row.end();) {
        auto& place = *next++;
        if (!place.send()) place.unlink();
    }
    while (!row.empty()) {
        auto& place = row.front();
        row.pop_front();
        place.whom_->wake();
    }
    scheduler_.work_finished();
}

} // namespace gatehouse::gateway
