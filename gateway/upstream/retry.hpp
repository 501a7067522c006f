#pragma once

#include "config/forms/upstream_forms.hpp"
#include "config/settings/upstream_fitness.hpp"
#include "gateway/http/head.hpp"
#include "gateway/upstream/ejection.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::gateway {

/// Methods that may be sent twice without harm.  RFC 9110, 9.2.2
[[nodiscard]] bool is_idempotent(std::string_view method) noexcept;

/// `upstreams.<name>.retry`, read once.
class RetryPolicy {
public:
    RetryPolicy() = default; // none
    explicit RetryPolicy(const config::RetrySettings& settings);

    [[nodiscard]] bool is_on() const noexcept { return settings_.attempts != 0; }

    [[nodiscard]] std::uint32_t attempts() const noexcept { return settings_.attempts; }

    [[nodiscard]] bool has(config::RetryCause cause) const noexcept
    {
        return (causes_ & bit(cause)) != 0;
    }

    /// Of this method requests may be sent again.
    [[nodiscard]] bool may_repeat(std::string_view method) const noexcept;

    /// How long one endpoint may take; nothing: as long as there is.
    [[nodiscard]] const std::optional<std::chrono::milliseconds>& each() const noexcept
    {
        return settings_.each;
    }

    [[nodiscard]] const config::RetrySettings& settings() const noexcept { return settings_; }

private:
    static constexpr unsigned bit(config::RetryCause cause) noexcept
    {
        return 1U << static_cast<unsigned>(cause);
    }

    config::RetrySettings settings_{};
    unsigned causes_ = 0;
};

/// What an answer would be retried for; nothing: it is passed on.
[[nodiscard]] std::optional<config::RetryCause> cause_of(unsigned status) noexcept;

/// Seconds that an answer asks to be waited for before the next request. Nothing: it does not. One
/// that names a day, or says what nobody can read, asks for longer than any retry waits.
[[nodiscard]] std::optional<std::chrono::seconds> retry_after(std::span<const Field> fields);

/// How long retry number `tries` (from 0) waits: any part of a bound that doubles. `chance` is of
/// [0, 1).
[[nodiscard]] Monotonic backoff(const config::RetrySettings& settings, std::uint32_t tries,
                                double chance) noexcept;

/// When the next try may begin, and with how much time; nothing: not before time is over.
/// `asked` is what the answer's Retry-After said.
struct NextTry {
    Monotonic wait{};
    Monotonic left{}; // of the request's time, when it begins
};

[[nodiscard]] std::optional<NextTry> next_try(const config::RetrySettings& settings, Monotonic wait,
                                              Monotonic left,
                                              std::optional<std::chrono::seconds> asked) noexcept;

/// How many retries one worker has left for one upstream: a part of its requests, and so many a
/// second besides. What is saved up is bounded, so that an outage finds a little and no more.
class RetryBudget {
public:
    /// A request that is not a retry.
    void earn(double share) noexcept { credit_ = credit_ + share < most ? credit_ + share : most; }

    /// Takes one, if there is one.
    [[nodiscard]] bool take(Monotonic now, std::uint32_t least_per_second) noexcept;

private:
    static constexpr double most = 100;

    double credit_ = 0;
    double free_ = 0; // of those that come with time
    Monotonic filled_at_{-1};
};

} // namespace gatehouse::gateway
