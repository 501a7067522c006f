#pragma once

#include "auth/basics/durations.hpp"
#include "config/settings/settings.hpp"
#include "gateway/observe/counters.hpp"
#include "gateway/observe/tally_book.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::gateway {

/// A histogram that one thread adds to and any may read: no locked instruction.
struct DurationCounter {
    std::array<Counter, auth::duration_buckets> buckets;
    Counter micros;

    void add(std::uint64_t took, std::size_t bucket) noexcept
    {
        buckets[bucket].add();
        micros.add(took);
    }

    void add(std::uint64_t took) noexcept { add(took, auth::duration_bucket(took)); }
};

/// By the first digit of a status; the first: there was no answer.
using StatusClasses = std::array<Counter, 6>;

[[nodiscard]] constexpr std::size_t status_class(unsigned status) noexcept
{
    return status < 600 ? status / 100 : 5;
}

/// What one worker counts of one route.
struct alignas(64) RouteCounters {
    StatusClasses requests; // the first: the client left before an answer
    Counter bytes_in;
    Counter bytes_out;
    DurationCounter duration;
};

/// What one worker counts of one rate.
struct alignas(64) RateCounters {
    Counter refused;
};

/// Why an upstream is to blame: those codes, in their order, are the last ones.
inline constexpr auto first_upstream_code = RefusalCode::upstream_unreachable;
inline constexpr std::size_t upstream_codes =
    refusal_codes - static_cast<std::size_t>(first_upstream_code);

/// What one worker counts of one upstream.
struct alignas(64) UpstreamCounters {
    StatusClasses requests; // the first: no answer came
    std::array<Counter, upstream_codes> failures;
    DurationCounter duration;   // of requests that were answered
    DurationCounter first_byte; // until the head of its answer
    Counter connections_opened; // also such as did not live to carry a request
    Counter retries;            // requests sent once more
    Counter retries_held_back;  // that the budget did not allow
    Counter circuit_refusals;   // requests that found no endpoint below `circuit`
    Counter budget_refusals;    // that `budget` did not allow
    Counter budget_waits;       // that waited for it

    /// Codes that blame somebody else do not count.
    void failed(RefusalCode code) noexcept
    {
        if (code < first_upstream_code) return;
        failures[static_cast<std::size_t>(code) - static_cast<std::size_t>(first_upstream_code)]
            .add();
    }
};

/// What one worker counts of one endpoint.
struct alignas(64) EndpointCounters {
    StatusClasses requests; // that were answered
    std::array<Counter, upstream_codes> failures;
    Counter in_flight;
    Counter connections;
    Counter retries; // requests that came here after they had failed

    void failed(RefusalCode code) noexcept
    {
        failures[static_cast<std::size_t>(code) - static_cast<std::size_t>(first_upstream_code)]
            .add();
    }
};

/// The names of requests that no route has led anywhere.
namespace route_labels {
inline constexpr std::string_view none = "none";   // no route, or no valid request
inline constexpr std::string_view auth = "auth";   // the auth API
inline constexpr std::string_view admin = "admin"; // probes, metrics
inline constexpr std::string_view other = "other"; // routes beyond `metrics.routes`
} // namespace route_labels

/// What a route is called: its `name`, or what it matches.
[[nodiscard]] std::string route_label(const config::RouteSettings& route);

/// One label for each: what comes behind the first `most` different ones is `other`.
[[nodiscard]] std::vector<std::string> bounded_labels(std::span<const std::string> labels,
                                                      std::size_t most);

struct TrafficBook {
    TallyBook<RouteCounters> routes;
    TallyBook<UpstreamCounters> upstreams;
    TallyBook<EndpointCounters> endpoints; // by upstream and endpoint, with a line's end between
    TallyBook<RateCounters> rates;
};

/// Where one worker counts under one generation of settings: plain numbers lead to the counters.
class Traffic {
public:
    /// `upstreams`: what Route::upstream counts through, by name.
    Traffic(TrafficBook& book, std::size_t worker, const config::Settings& settings,
            std::span<const std::string> upstreams);

    /// By the place of the route in `routes`.
    [[nodiscard]] RouteCounters& route(std::size_t number) noexcept
    {
        return *routes_[number].counted;
    }

    [[nodiscard]] UpstreamCounters& upstream(std::size_t number) noexcept
    {
        return *upstreams_[number].counted;
    }

    [[nodiscard]] RouteCounters& none() noexcept { return *none_.counted; }

    [[nodiscard]] RouteCounters& auth() noexcept { return *auth_.counted; }

    [[nodiscard]] RouteCounters& admin() noexcept { return *admin_.counted; }

private:
    using Route = TallyBook<RouteCounters>::Held;

    Route none_;
    Route auth_;
    Route admin_;
    std::vector<Route> routes_;
    std::vector<TallyBook<UpstreamCounters>::Held> upstreams_;
};

/// Methods that are told apart; the last: all others.
inline constexpr std::array<std::string_view, 10> counted_methods = {
    "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT", "other"};

[[nodiscard]] constexpr std::size_t method_number(std::string_view method) noexcept
{
    for (std::size_t i = 0; i + 1 < counted_methods.size(); ++i) {
        if (method == counted_methods[i]) return i;
    }
    return counted_methods.size() - 1;
}

} // namespace gatehouse::gateway
