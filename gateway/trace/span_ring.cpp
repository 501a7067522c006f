#include "gateway/trace/span_ring.hpp"

#include <new>
#include <type_traits>

namespace gatehouse::gateway {

// Records are neither moved nor ended, only written anew.
static_assert(std::is_trivially_destructible_v<SpanRecord>);
static_assert(alignof(SpanRecord) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__);

SpanRing::SpanRing(std::size_t capacity, SpanReader* reader)
    : capacity_(capacity),
      reader_(reader),
      room_(std::make_unique_for_overwrite<std::byte[]>(capacity * sizeof(SpanRecord)))
{
}

SpanRecord* SpanRing::slot(std::uint64_t number) const noexcept
{
    return reinterpret_cast<SpanRecord*>(room_.get() + number % capacity_ * sizeof(SpanRecord));
}

SpanRecord* SpanRing::next() noexcept
{
    const auto pushed = pushed_.load(std::memory_order_relaxed);
    if (pushed - released_.load(std::memory_order_acquire) == capacity_) {
        dropped_.store(dropped_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
        return nullptr;
    }
    return new (slot(pushed)) SpanRecord;
}

void SpanRing::commit() noexcept
{
    const auto pushed = pushed_.load(std::memory_order_relaxed) + 1;
    pushed_.store(pushed, std::memory_order_release);
    const auto waiting = pushed - released_.load(std::memory_order_relaxed);
    if (waiting == (capacity_ + 1) / 2 && reader_ != nullptr) reader_->wake();
}

std::size_t SpanRing::size() const noexcept
{
    return pushed_.load(std::memory_order_acquire) - released_.load(std::memory_order_relaxed);
}

const SpanRecord& SpanRing::at(std::size_t place) const noexcept
{
    return *slot(released_.load(std::memory_order_relaxed) + place);
}

void SpanRing::release(std::size_t count) noexcept
{
    released_.store(released_.load(std::memory_order_relaxed) + count, std::memory_order_release);
}

} // namespace gatehouse::gateway
