#include "auth/store/store_notes.hpp"

#include <utility>

namespace gatehouse::auth {
namespace {

thread_local StoreNotes* notes_of_this_thread = nullptr;

} // namespace

StoreNotes::Here::Here(StoreNotes* notes) noexcept
    : before_(std::exchange(notes_of_this_thread, notes))
{
}

StoreNotes::Here::~Here()
{
    notes_of_this_thread = before_;
}

StoreNotes* StoreNotes::of_this_thread() noexcept
{
    return notes_of_this_thread;
}

StoreMeter::Call::~Call()
{
    if (meter_ == nullptr) return;
    const auto now = Steady::now();
    meter_->in_flight_.fetch_sub(1, std::memory_order_relaxed);
    meter_->took_[index()].add(now - began_);
    if (kind_ == Kind::write) meter_->takes_writes_.store(!failed_, std::memory_order_relaxed);
    if (auto* notes = notes_of_this_thread)
        notes->add({meter_->system_, kind_, failed_, began_, now});
}

} // namespace gatehouse::auth
