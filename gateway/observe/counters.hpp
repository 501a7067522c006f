#pragma once

#include "gateway/compress/content_coding.hpp"
#include "gateway/net/proxy_protocol.hpp"
#include "gateway/net/tls/handshakes.hpp"
#include "gateway/pipeline/refusal.hpp"

#include <array>
#include <atomic>
#include <cstdint>

namespace gatehouse::gateway {

/// A number that one thread changes and any thread may read: no locked instruction.
class Counter {
public:
    void add(std::uint64_t n = 1) noexcept
    {
        value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
    }

    void subtract(std::uint64_t n = 1) noexcept
    {
        value_.store(value_.load(std::memory_order_relaxed) - n, std::memory_order_relaxed);
    }

    void set(std::uint64_t n) noexcept { value_.store(n, std::memory_order_relaxed); }

    [[nodiscard]] std::uint64_t value() const noexcept
    {
        return value_.load(std::memory_order_relaxed);
    }

private:
    std::atomic<std::uint64_t> value_{0};
};

/// What one worker counts whatever the settings name; it alone writes. Aligned so that two workers
/// share no cache line.
struct alignas(64) Counters {
    std::array<Counter, 10> methods; // by method_number()
    std::array<Counter, refusal_codes> refusals;
    std::array<Counter, refusal_codes> reports; // what routes with `report_only` let pass
    Counter connections_accepted;
    Counter connections_open;
    Counter connections_refused; // over limits.connections
    std::array<Counter, proxy_refusals> proxies_refused;
    Counter connections_refused_by_address;
    Counter requests_shed;   // over limits.in_flight, or the worker was late
    Counter unheard_proxies; // requests of private peers that named a client and are not trusted
    std::array<Counter, handshake_ends> handshakes; // by HandshakeEnd
    Counter upstream_connections_open;
    Counter websockets_open;
    Counter token_cache_hits;
    Counter token_cache_misses;
    Counter token_cache_entries; // set once a second
    Counter log_records_dropped;
    // Requests of routes with `cache`, by what it did:
    Counter cache_hits;
    Counter cache_misses;
    Counter cache_stale;
    Counter cache_revalidated;
    Counter cache_bypassed;
    Counter cache_revalidations;                     // by the gateway itself
    Counter cache_bytes;                             // of bodies that were sent from it
    std::array<Counter, content_codings> compressed; // answers, by ContentCoding
    Counter compressed_bytes_in;                     // of their bodies: as they came,
    Counter compressed_bytes_out;                    // and as they were sent

    void refused(RefusalCode code) noexcept { refusals[static_cast<std::size_t>(code)].add(); }

    void reported(RefusalCode code) noexcept { reports[static_cast<std::size_t>(code)].add(); }
};

} // namespace gatehouse::gateway
