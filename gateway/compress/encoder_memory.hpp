#pragma once

#include "config/basics/enforced.hpp"

#include <atomic>
#include <cstdint>
#include <utility>

namespace gatehouse::gateway {

/// What the encoders of all workers take together.
class EncoderMemory {
public:
    /// A part of it, given back at its end. Empty: there was no room.
    class Share {
    public:
        Share() = default;

        Share(Share&& other) noexcept : of_(std::exchange(other.of_, nullptr)), bytes_(other.bytes_)
        {
        }

        Share& operator=(Share&&) = delete;

        ~Share()
        {
            if (of_ != nullptr) of_->used_.fetch_sub(bytes_, std::memory_order_relaxed);
        }

        explicit operator bool() const noexcept { return of_ != nullptr; }

    private:
        friend class EncoderMemory;

        Share(EncoderMemory& of, std::uint64_t bytes) noexcept : of_(&of), bytes_(bytes) {}

        EncoderMemory* of_ = nullptr;
        std::uint64_t bytes_ = 0;
    };

    [[nodiscard]] Share take(std::uint64_t bytes, std::uint64_t most) noexcept
    {
        const auto before = used_.fetch_add(bytes, std::memory_order_relaxed);
        Share share(*this, bytes);
        if (before + bytes > most && enforced("compress.memory")) return {};
        return share;
    }

    [[nodiscard]] std::uint64_t used() const noexcept
    {
        return used_.load(std::memory_order_relaxed);
    }

private:
    std::atomic<std::uint64_t> used_{0};
};

} // namespace gatehouse::gateway
