#pragma once

#include "auth/basics/clock.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace gatehouse::auth {

/// The arithmetic of the login limits: no map, no lock, no clock. A state of all zero bytes is one
/// nobody tried anything with, so that tables of them can be cleared memory. Every limit answers
/// `wait`: how long until one more attempt is admitted (0: now), and `is_idle`: the state says no
/// more than a fresh one would. `weight` orders states by how much would be forgotten with them.

struct PairState {
    std::int64_t last_ms = 0; // of the last attempt, since 1970
    std::uint32_t failures = 0;

    friend bool operator==(const PairState&, const PairState&) = default;
};

/// So many failures are free, then each one doubles the wait, up to a longest one. Forgotten after
/// four times the longest wait without an attempt.
class PairLimit {
public:
    /// `free` 0: no limit.
    PairLimit(std::uint32_t free, std::chrono::seconds first_wait,
              std::chrono::seconds longest_wait) noexcept;

    [[nodiscard]] bool is_on() const noexcept { return free_ > 0; }

    /// For so long a state may say something.
    [[nodiscard]] std::chrono::milliseconds memory() const noexcept { return 5 * longest_wait_; }

    [[nodiscard]] std::chrono::milliseconds wait(const PairState& state, Millis now) const noexcept;
    void take(PairState& state, Millis now) const noexcept;
    void give_back(PairState& state) const noexcept;

    [[nodiscard]] bool is_idle(const PairState& state, Millis now) const noexcept;

    [[nodiscard]] std::uint64_t weight(const PairState& state, Millis) const noexcept
    {
        return state.failures;
    }

private:
    [[nodiscard]] std::chrono::milliseconds pause_after(std::uint32_t failures) const noexcept;

    std::uint32_t free_;
    std::chrono::milliseconds first_wait_;
    std::chrono::milliseconds longest_wait_;
};

/// Attempts in the last window, counted in twelfths of it: the one that is running and the twelve
/// before, so that no window of that length ever holds more than the limit.
struct WindowState {
    static constexpr std::size_t slices = 12;

    std::int64_t newest = 0; // number of the running slice
    std::array<std::uint32_t, slices + 1> counts{};

    friend bool operator==(const WindowState&, const WindowState&) = default;
};

class WindowLimit {
public:
    /// `limit` 0: no limit.
    WindowLimit(std::uint32_t limit, std::chrono::seconds window) noexcept;

    [[nodiscard]] bool is_on() const noexcept { return limit_ > 0; }

    [[nodiscard]] std::chrono::milliseconds memory() const noexcept
    {
        return slice_ * (WindowState::slices + 1);
    }

    [[nodiscard]] std::chrono::milliseconds wait(const WindowState& state,
                                                 Millis now) const noexcept;
    void take(WindowState& state, Millis now) const noexcept;
    /// For an attempt taken at `taken`.
    void give_back(WindowState& state, Millis taken) const noexcept;
    [[nodiscard]] bool is_idle(const WindowState& state, Millis now) const noexcept;
    [[nodiscard]] std::uint64_t weight(const WindowState& state, Millis now) const noexcept;

private:
    [[nodiscard]] std::int64_t slice_of(Millis at) const noexcept;
    [[nodiscard]] WindowState moved_to(const WindowState& state, Millis now) const noexcept;

    std::uint32_t limit_;
    std::chrono::milliseconds slice_;
};

/// When the bucket will be full again, in microseconds since 1970 (the generic cell rate
/// algorithm).
struct BucketState {
    std::int64_t full_at_us = 0;

    friend bool operator==(const BucketState&, const BucketState&) = default;
};

class BucketLimit {
public:
    /// `per_minute` 0: no limit.
    BucketLimit(std::uint32_t per_minute, std::uint32_t burst) noexcept;

    [[nodiscard]] bool is_on() const noexcept { return per_token_.count() > 0; }

    [[nodiscard]] std::chrono::milliseconds memory() const noexcept
    {
        return std::chrono::ceil<std::chrono::milliseconds>(capacity_);
    }

    [[nodiscard]] std::chrono::milliseconds wait(const BucketState& state,
                                                 Millis now) const noexcept;
    void take(BucketState& state, Millis now) const noexcept;
    [[nodiscard]] bool is_idle(const BucketState& state, Millis now) const noexcept;
    [[nodiscard]] std::uint64_t weight(const BucketState& state, Millis now) const noexcept;

private:
    std::chrono::microseconds per_token_;
    std::chrono::microseconds capacity_;
};

} // namespace gatehouse::auth
