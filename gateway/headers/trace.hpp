#pragma once

#include "gateway/headers/head_writer.hpp"
#include "gateway/headers/request_ids.hpp"

#include <string_view>

namespace gatehouse::gateway {

/// Version 00 of W3C Trace Context: `00-<32 hex>-<16 hex>-<2 hex>`, lower case, ids not zero.
[[nodiscard]] bool is_traceparent(std::string_view value) noexcept;

/// The first span of a new trace. It says "sampled": a gateway that records nothing itself must
/// not talk the backends out of recording.
void write_new_traceparent(HeadWriter& out, IdSource& ids) noexcept;

} // namespace gatehouse::gateway
