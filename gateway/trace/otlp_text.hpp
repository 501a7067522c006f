#pragma once

#include "gateway/trace/span_record.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace gatehouse::gateway {

/// Who sends spans.
struct TraceResource {
    std::string service_name;
    std::string version;
    std::string instance_id;
    std::string host_name;
};

/// One message in the JSON of OTLP: ids as hex digits, 64-bit numbers as strings, enumerations as
/// numbers. Names of attributes are those of OpenTelemetry's semantic conventions.
class OtlpText {
public:
    /// Begins a message anew; keeps the memory of the last one.
    void begin(const TraceResource& resource);
    void add(const SpanRecord& span);
    /// The message, whole; no span is added behind it.
    [[nodiscard]] const std::string& finish();

    [[nodiscard]] std::size_t spans() const noexcept { return spans_; }

private:
    std::string text_;
    std::size_t spans_ = 0;
};

} // namespace gatehouse::gateway
