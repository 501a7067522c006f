#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace gatehouse::gateway {

/// What came of one message to the collector.
struct CollectorAnswer {
    unsigned status = 0; // 0: none came
    std::string why;     // then: why not
    std::chrono::seconds retry_after{};
    std::string body{};
};

enum class Export : std::uint8_t {
    taken,
    again,  // later it may be taken
    refused // it never will be
};

/// OTLP over HTTP says which answers are worth another try.
[[nodiscard]] Export judge(const CollectorAnswer& answer) noexcept;

/// How often a message is sent at most, the first time included.
inline constexpr unsigned most_tries = 5;

/// How long to wait before try number `next` (2 is the first that has to wait): twice as long each
/// time, and at least as long as the collector asked for, within bounds.
[[nodiscard]] std::chrono::milliseconds pause_before(unsigned next,
                                                     std::chrono::seconds retry_after) noexcept;

/// What a collector that took a message says it left out of it.
struct Rejected {
    std::uint64_t spans = 0;
    std::string message{};
};

[[nodiscard]] Rejected rejected_by(const CollectorAnswer& answer);

} // namespace gatehouse::gateway
