#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

namespace gatehouse::gateway {

/// How many of something are under way, for all workers.
using PlaceCount = std::atomic<std::uint32_t>;

/// One of them, until it goes away.
class Place {
public:
    Place() = default;

    Place(Place&& other) noexcept : count_(std::move(other.count_)) {}

    Place& operator=(Place&& other) noexcept
    {
        give_back();
        count_ = std::move(other.count_);
        return *this;
    }

    ~Place() { give_back(); }

    /// One of at most so many; false: all are taken.
    [[nodiscard]] bool take(const std::shared_ptr<PlaceCount>& count, std::uint32_t most) noexcept
    {
        give_back();
        if (count->fetch_add(1, std::memory_order_relaxed) >= most) {
            count->fetch_sub(1, std::memory_order_relaxed);
            return false;
        }
        count_ = count;
        return true;
    }

    void give_back() noexcept
    {
        if (!count_) return;
        count_->fetch_sub(1, std::memory_order_relaxed);
        count_.reset();
    }

private:
    /// Shared: a route that a reload drops goes before its last request.
    std::shared_ptr<PlaceCount> count_;
};

} // namespace gatehouse::gateway
