#pragma once

#include "auth/store/store_notes.hpp"
#include "gateway/headers/hex.hpp"
#include "gateway/headers/trace.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <string_view>

namespace gatehouse::gateway {

/// The trace that one request belongs to, while spans are recorded at all. Part of an exchange.
struct RequestTrace {
    bool known = false;       // spans are recorded, of this request or of others
    bool sampled = false;     // of this one
    TraceIds ids;             // the span of the request itself
    std::uint64_t parent = 0; // the client's; 0: the trace begins here
    /// What the upstream is told, unless the client's own words go on.
    TraceIds told;
    std::chrono::steady_clock::time_point began{};
    /// From the steady clock to nanoseconds since 1970; one for all spans of a request.
    std::int64_t to_wall = 0;
    std::array<char, 2 * hex_digits> id_text;

    /// One time that the request is sent to an upstream, until it is answered or given up.
    struct Asking {
        bool runs = false;
        bool on_reused = false;
        std::uint8_t resends = 0;
        std::chrono::steady_clock::time_point began{};
        std::string_view authority;
        bool tls = false;
    };

    Asking asking;
    auth::StoreNotes calls; // to stores, for this request

    [[nodiscard]] std::string_view id() const noexcept
    {
        return known ? std::string_view{id_text.data(), id_text.size()} : std::string_view{};
    }

    /// Where calls to stores are noted.
    [[nodiscard]] auth::StoreNotes* notes() noexcept { return sampled ? &calls : nullptr; }

    void forget() noexcept { known = sampled = asking.runs = false; }
};

} // namespace gatehouse::gateway
