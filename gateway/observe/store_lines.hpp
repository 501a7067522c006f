#pragma once

#include "auth/basics/clock.hpp"
#include "gateway/observe/event_log.hpp"

#include <atomic>
#include <cstdint>
#include <string_view>

namespace gatehouse::gateway {

/// Writes why the store failed, or why the gateway still waits for it, as one line among the
/// others.
class StoreLines {
public:
    /// `log` outlives it.
    explicit StoreLines(EventLog& log) : log_(log) {}

    /// See auth::FailureReport::Say.
    void failed(std::string_view why, std::uint64_t unsaid, auth::Millis at);

    /// What an operator has to put right although nothing fails.
    void warned(std::string_view what, auth::Millis at);

    /// Until this is called, a failure keeps the gateway from starting to listen.
    void waited() noexcept { waiting_ = false; }

private:
    void say(config::LogLevel level, std::string_view event, std::string_view reason,
             std::uint64_t unsaid, auth::Millis at);

    EventLog& log_;
    std::atomic<bool> waiting_{true};
};

} // namespace gatehouse::gateway
