#pragma once

#include "gateway/headers/head_writer.hpp"
#include "gateway/headers/request_ids.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace gatehouse::gateway {

/// What a `traceparent` says: which trace, which span of it asks, and how that span was recorded.
struct TraceParent {
    std::string_view trace_id; // 32 hex digits, lower case, not zero
    std::string_view span_id;  // 16
    std::uint8_t flags = 0;
    /// The text may be passed on as it came: it is of version 00. Else it is written anew.
    bool as_it_came = true;

    static constexpr std::uint8_t sampled_flag = 1;
    static constexpr std::uint8_t known_flags = 3; // sampled, and that the trace id is random

    [[nodiscard]] bool is_sampled() const noexcept { return (flags & sampled_flag) != 0; }
};

/// Version 00 exactly; of later versions the four fields that are as in 00, whatever follows them
/// behind a dash. Nothing: malformed, of version ff, or with an id of zeros.  W3C Trace
/// Context, 3.2
[[nodiscard]] std::optional<TraceParent> read_traceparent(std::string_view value) noexcept;

/// A span as the next one is told of it.
struct TraceIds {
    std::uint64_t trace_high = 0;
    std::uint64_t trace_low = 0;
    std::uint64_t span = 0;
    std::uint8_t flags = 0;
};

/// What `traceparent` names.
[[nodiscard]] TraceIds ids_of(const TraceParent& parent) noexcept;

/// Writes `traceparent`, version 00.
void write_traceparent(HeadWriter& out, const TraceIds& ids) noexcept;

/// Passes on what a client sent: as it came, or as version 00 would say it.
void write_traceparent(HeadWriter& out, const TraceParent& parent, std::string_view value) noexcept;

/// The first span of a new trace. It says "sampled": a gateway that records nothing itself must
/// not talk the backends out of recording.
void write_new_traceparent(HeadWriter& out, IdSource& ids) noexcept;

} // namespace gatehouse::gateway
