#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <thread>

namespace gatehouse::auth {

/// Lets a writer know when nobody can still hold a pointer it took out of a shared structure.
/// Readers never wait: entering and leaving is one atomic addition each, on a cache line that a
/// thread shares with nobody as long as there are no more threads than lanes.
class ReaderGate {
    struct alignas(64) Lane {
        std::atomic<std::uint32_t> inside{0};
    };

public:
    /// While one of these lives, what the thread found in the structure stays where it is.
    class Visit {
    public:
        explicit Visit(const ReaderGate& gate) noexcept : lane_(gate.lanes_[own_lane()])
        {
            lane_.inside.fetch_add(1, std::memory_order_seq_cst);
        }

        ~Visit() { lane_.inside.fetch_sub(1, std::memory_order_release); }

        Visit(const Visit&) = delete;
        Visit& operator=(const Visit&) = delete;

    private:
        Lane& lane_;
    };

    /// Call after the pointer was replaced (sequentially consistent). Returns when every reader
    /// that may have seen the old pointer has left: each lane was empty once since then, and who
    /// entered later finds the new pointer.
    void wait_for_readers() const noexcept
    {
        for (const auto& lane : lanes_) {
            while (lane.inside.load(std::memory_order_seq_cst) != 0) std::this_thread::yield();
        }
    }

private:
    static constexpr std::size_t lane_count = 64;

    static std::size_t own_lane() noexcept
    {
        static std::atomic<std::size_t> next{0};
        static thread_local const std::size_t mine =
            next.fetch_add(1, std::memory_order_relaxed) % lane_count;
        return mine;
    }

    mutable std::array<Lane, lane_count> lanes_;
};

} // namespace gatehouse::auth
