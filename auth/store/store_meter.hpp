#pragma once

#include "auth/basics/durations.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace gatehouse::auth {

/// How long the calls of one store take, how many are under way, and how many fail. Safe from any
/// thread.
class StoreMeter {
public:
    enum class Kind : std::uint8_t {
        read,
        write,
        command // of a Redis, where nobody but a script knows which it was
    };

    static constexpr std::size_t kinds = 3;

    enum class System : std::uint8_t { sqlite, postgresql, redis };

    /// One call, from its beginning (waiting for a connection is part of it) to its end.
    class Call {
    public:
        /// Null: nobody counts.
        Call(StoreMeter* meter, Kind kind) noexcept : meter_(meter), kind_(kind)
        {
            if (meter_ == nullptr) return;
            began_ = Steady::now();
            meter_->in_flight_.fetch_add(1, std::memory_order_relaxed);
        }

        Call(const Call&) = delete;
        Call& operator=(const Call&) = delete;

        /// Also noted where the calls of this thread are (store_notes.hpp).
        ~Call();

        /// The store could not be asked, or not in time.
        void failed() noexcept
        {
            failed_ = true;
            if (meter_ != nullptr) meter_->errors_[index()].fetch_add(1, std::memory_order_relaxed);
        }

        /// A command turned out to be a write, and this is how it went.
        void wrote(bool done) noexcept
        {
            if (meter_ != nullptr) meter_->takes_writes_.store(done, std::memory_order_relaxed);
        }

    private:
        using Steady = std::chrono::steady_clock;

        [[nodiscard]] std::size_t index() const noexcept { return static_cast<std::size_t>(kind_); }

        StoreMeter* meter_;
        Kind kind_;
        bool failed_ = false;
        Steady::time_point began_{};
    };

    /// `connections`: how many calls may be done at the same time; 0: that has no limit.
    explicit StoreMeter(std::size_t connections = 0, System system = System::sqlite) noexcept
        : connections_(connections),
          system_(system)
    {
    }

    struct Of {
        DurationCounts took;
        std::uint64_t errors = 0;
    };

    [[nodiscard]] Of of(Kind kind) const noexcept
    {
        const auto index = static_cast<std::size_t>(kind);
        return {took_[index].counts(), errors_[index].load(std::memory_order_relaxed)};
    }

    /// False: whoever wrote last could not. Of a Redis: as far as its answers say.
    [[nodiscard]] bool takes_writes() const noexcept
    {
        return takes_writes_.load(std::memory_order_relaxed);
    }

    /// Calls that wait or are being done.
    [[nodiscard]] std::uint64_t in_flight() const noexcept
    {
        return in_flight_.load(std::memory_order_relaxed);
    }

    [[nodiscard]] std::size_t connections() const noexcept { return connections_; }

private:
    std::size_t connections_;
    System system_;
    std::array<Durations, kinds> took_;
    std::array<std::atomic<std::uint64_t>, kinds> errors_{};
    std::atomic<std::uint64_t> in_flight_{0};
    std::atomic<bool> takes_writes_{true};
};

} // namespace gatehouse::auth
