#include "tests/simulation/scheduler.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace gatehouse::simulation {

void Scheduler::at(Time when, std::function<void()> what)
{
    queue_.push({std::max(when, now_), ++events_, std::move(what)});
}

Scheduler::TaskPointer Scheduler::spawn(std::function<void()> body)
{
    auto task = std::make_shared<Task>(std::move(body));
    tasks_.push_back(task);
    wake({task, task->ticket});
    return task;
}

void Scheduler::kill_all()
{
    for (const auto& task : tasks_) kill(task);
    tasks_.clear();
}

void Scheduler::kill(const TaskPointer& task)
{
    task->killed = true;
    if (!task->fiber.has_ended()) resume(task);
    assert(task->fiber.has_ended());
}

void Scheduler::sleep(Time span)
{
    const auto wait = begin_wait();
    wait_until(wait, now_ + span);
}

Scheduler::Wait Scheduler::begin_wait()
{
    assert(running_);
    return {running_, running_->ticket};
}

void Scheduler::wait_until(const Wait& wait, Time deadline)
{
    at(deadline, [this, wait] {
        if (wait.task->ticket == wait.ticket) resume(wait.task);
    });
    suspend();
}

void Scheduler::wake(const Wait& wait)
{
    at(now_, [this, wait] {
        if (wait.task->ticket == wait.ticket) resume(wait.task);
    });
}

void Scheduler::run_until(Time end)
{
    while (!queue_.empty() && queue_.top().when <= end) {
        auto& next = const_cast<Event&>(queue_.top()); // moved out of just before it is removed
        now_ = next.when;
        const auto what = std::move(next.what);
        queue_.pop();
        what();
    }
    now_ = std::max(now_, end);
}

void Scheduler::resume(const TaskPointer& task)
{
    if (task->fiber.has_ended()) return;
    ++task->ticket;
    running_ = task;
    try {
        task->fiber.resume();
    } catch (const Killed&) {
        // It was told to.
    }
    running_ = nullptr;
}

void Scheduler::suspend()
{
    const auto self = running_;
    if (!self->killed) Fiber::suspend();
    if (self->killed) throw Killed();
}

} // namespace gatehouse::simulation
