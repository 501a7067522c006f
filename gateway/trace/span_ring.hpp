#pragma once

#include "gateway/trace/span_record.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace gatehouse::gateway {

/// Who is told that much waits.
class SpanReader {
public:
    virtual void wake() noexcept = 0;

protected:
    ~SpanReader() = default;
};

/// A bounded ring of finished spans from one worker to the thread that sends them. Its memory is
/// touched only as far as it is used.
class SpanRing {
public:
    /// `reader` is woken when the ring becomes half full; null: it looks by itself.
    SpanRing(std::size_t capacity, SpanReader* reader);

    /// A record to be filled, or null: there is no room, the span is dropped and counted. The
    /// worker's thread only, as commit(), which hands over what next() gave last.
    [[nodiscard]] SpanRecord* next() noexcept;
    void commit() noexcept;

    /// How many wait, and one of them, the oldest first; the reader's thread only, as release(),
    /// which gives the oldest back.
    [[nodiscard]] std::size_t size() const noexcept;
    [[nodiscard]] const SpanRecord& at(std::size_t place) const noexcept;
    void release(std::size_t count) noexcept;

    /// Spans that found no room.
    [[nodiscard]] std::uint64_t dropped() const noexcept
    {
        return dropped_.load(std::memory_order_relaxed);
    }

private:
    [[nodiscard]] SpanRecord* slot(std::uint64_t number) const noexcept;

    const std::size_t capacity_;
    SpanReader* const reader_;
    const std::unique_ptr<std::byte[]> room_;
    alignas(64) std::atomic<std::uint64_t> pushed_{0};   // ever; changed by the worker
    std::atomic<std::uint64_t> dropped_{0};              // changed by the worker
    alignas(64) std::atomic<std::uint64_t> released_{0}; // ever; changed by the reader
};

} // namespace gatehouse::gateway
