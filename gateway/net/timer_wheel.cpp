#include "gateway/net/timer_wheel.hpp"

#include <algorithm>
#include <limits>

namespace gatehouse::gateway {

TimerWheel::TimerWheel(Time now) noexcept : reached_(tick_of(now))
{
    for (auto& head : slots_) head.previous = head.next = &head;
}

void TimerWheel::Entry::disarm() noexcept
{
    if (wheel_ == nullptr) return;
    previous->next = next;
    next->previous = previous;
    --wheel_->armed_;
    wheel_ = nullptr;
}

TimerWheel::Time TimerWheel::arm(Entry& entry, Time now, Time after) noexcept
{
    entry.disarm();
    // Nobody advances an empty wheel, so it has to catch up before it is used again.
    if (empty()) reached_ = std::max(reached_, tick_of(now));
    // Rounded up, and one more tick, because `now` lies somewhere inside its own tick.
    const auto wait =
        static_cast<std::uint64_t>((std::max(after, Time{0}) + tick - Time{1}) / tick);
    entry.due_tick_ = std::max(tick_of(now) + wait + 1, reached_ + 1);
    entry.wheel_ = this;
    ++armed_;
    link(entry);
    return entry.due_tick_ * tick;
}

void TimerWheel::link(Entry& entry) noexcept
{
    auto& head = slots_[entry.due_tick_ % slots];
    entry.previous = head.previous;
    entry.next = &head;
    head.previous->next = &entry;
    head.previous = &entry;
}

void TimerWheel::advance(Time now) noexcept
{
    const auto target = tick_of(now);
    if (target <= reached_) return;
    // After a long stall every slot is visited once, not once per missed turn.
    const auto first = std::max(reached_ + 1, target < slots ? 0 : target - slots + 1);
    reached_ = target;
    for (auto at = first; at <= target; ++at) visit(at % slots, target);
}

std::optional<TimerWheel::Time> TimerWheel::next_due() const noexcept
{
    if (empty()) return std::nullopt;
    // Slot by slot in the order of time, until no later slot can hold anything earlier.
    auto earliest = std::numeric_limits<std::uint64_t>::max();
    const auto turn_ends = reached_ + slots;
    for (auto at = reached_ + 1; at < earliest && at <= turn_ends; ++at) {
        const auto& head = slots_[at % slots];
        for (const auto* link = head.next; link != &head; link = link->next) {
            earliest = std::min(earliest, static_cast<const Entry&>(*link).due_tick_);
        }
    }
    return earliest * tick;
}

void TimerWheel::visit(std::size_t slot, std::uint64_t reached) noexcept
{
    // The slot's entries move to a list of their own first: an entry that fires may arm others
    // into this very slot, and may disarm or destroy any of those still waiting here.
    auto& head = slots_[slot];
    if (head.next == &head) return;
    Link due{head.previous, head.next};
    due.previous->next = due.next->previous = &due;
    head.previous = head.next = &head;

    while (due.next != &due) {
        auto& entry = static_cast<Entry&>(*due.next);
        entry.previous->next = entry.next;
        entry.next->previous = entry.previous;
        if (entry.due_tick_ > reached) {
            link(entry); // another turn
            continue;
        }
        entry.wheel_ = nullptr;
        --armed_;
        entry.on_due();
    }
}

} // namespace gatehouse::gateway
