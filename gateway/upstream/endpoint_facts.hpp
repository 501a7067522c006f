#pragma once

#include "auth/basics/clock.hpp"
#include "gateway/pipeline/refusal.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace gatehouse::gateway {

/// Whether an endpoint may be used, for people.
struct EndpointStanding {
    bool used = true; // also one that should not be, where there is no better one
    bool checked = false;
    bool healthy = true;
    bool ejected = false;
    std::uint64_t ejections = 0;
    auth::Millis since{}; // of the last change
    std::string reason{}; // of the last change
};

/// How an endpoint has done so far: of one worker, or of all of them.
struct EndpointFacts {
    std::uint64_t requests = 0;  // sent there
    std::uint64_t failures = 0;  // not reached, or no answer that could be read
    std::uint64_t in_flight = 0; // requests that are there now
    std::uint64_t connections = 0;
    std::uint64_t idle_connections = 0;
    std::optional<RefusalCode> last_error{};
    auth::Millis last_failed_at{};
    std::optional<EndpointStanding> standing{}; // of the process, where it was asked

    /// Codes that blame somebody else are no failure of the endpoint.
    void failed(RefusalCode code, auth::Millis at) noexcept
    {
        if (code < RefusalCode::upstream_unreachable) return;
        ++failures;
        last_error = code;
        last_failed_at = at;
    }

    void add(const EndpointFacts& other) noexcept
    {
        requests += other.requests;
        failures += other.failures;
        in_flight += other.in_flight;
        connections += other.connections;
        idle_connections += other.idle_connections;
        if (!other.last_error || other.last_failed_at < last_failed_at) return;
        last_error = other.last_error;
        last_failed_at = other.last_failed_at;
    }
};

/// The name of its upstream and its authority.
using EndpointKey = std::pair<std::string, std::string>;

using EndpointBook = std::map<EndpointKey, EndpointFacts>;

} // namespace gatehouse::gateway
