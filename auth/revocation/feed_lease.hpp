#pragma once

#include <atomic>
#include <chrono>

namespace gatehouse::auth {

/// Until when this process may answer for tokens although it hears nothing of the feed, where
/// logouts are confirmed. Safe from any thread.
///
/// Ask before the revocation table is asked: a process that has lost the lease and got it back has
/// heard everything in between, and the table says so by then.
class FeedLease {
public:
    using Steady = std::chrono::steady_clock;

    /// `also`: the lease of another feed, without which this one is worth nothing.
    explicit FeedLease(const FeedLease* also = nullptr) noexcept : also_(also) {}

    [[nodiscard]] bool holds() const noexcept
    {
        const auto now = Steady::now().time_since_epoch().count();
        return now < until_.load(std::memory_order_acquire) && (also_ == nullptr || also_->holds());
    }

    /// After everything that was committed before `heard` has been applied. One thread extends.
    void extend(Steady::time_point heard, std::chrono::milliseconds length) noexcept
    {
        until_.store((heard + length).time_since_epoch().count(), std::memory_order_release);
    }

private:
    const FeedLease* also_;
    std::atomic<Steady::rep> until_{Steady::time_point::min().time_since_epoch().count()};
};

} // namespace gatehouse::auth
