#include "auth/store/postgres/watchdog.hpp"

namespace gatehouse::auth::postgres {

Watchdog::Watchdog() : thread_([this] { serve(); }) {}

Watchdog::~Watchdog()
{
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
        changed_.notify_one();
    }
    thread_.join();
}

void Watchdog::serve()
{
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        // Those that were cut stay until their watch goes, but need no more attention.
        auto next = watched_.begin();
        while (next != watched_.end() && next->second == nullptr) ++next;
        if (next == watched_.end()) {
            changed_.wait(lock);
        } else if (Steady::now() < next->first) {
            const auto when = next->first; // the entry may be gone after the wait
            changed_.wait_until(lock, when);
        } else {
            // Under the lock: the connection cannot go meanwhile, its watch would have to first.
            std::exchange(next->second, nullptr)->cut();
        }
    }
}

Watchdog::Watch::Watch(Watchdog& dog, Connection& connection, Steady::time_point deadline)
    : dog_(dog)
{
    const std::scoped_lock lock(dog_.mutex_);
    place_ = dog_.watched_.emplace(deadline, &connection);
    // The others end later: the thread has to get up earlier than it thought.
    if (place_ == dog_.watched_.begin()) dog_.changed_.notify_one();
}

Watchdog::Watch::~Watch()
{
    const std::scoped_lock lock(dog_.mutex_);
    dog_.watched_.erase(place_);
}

bool Watchdog::Watch::bit() const
{
    const std::scoped_lock lock(dog_.mutex_);
    return place_->second == nullptr;
}

} // namespace gatehouse::auth::postgres
