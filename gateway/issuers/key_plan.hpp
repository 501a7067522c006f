#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

namespace gatehouse::gateway {

/// When keys of one issuer are fetched, and how long they count. Pure: it is told the time, and
/// for `chance` a number from 0 to 1 that spreads what many gateways would do at once.
class KeyPlan {
public:
    using Clock = std::chrono::steady_clock;
    using Time = Clock::time_point;

    struct Terms {
        std::chrono::milliseconds refresh{};
        std::chrono::milliseconds cooldown{};
        std::chrono::seconds stale_for{};

        friend bool operator==(const Terms&, const Terms&) = default;
    };

    explicit KeyPlan(Terms terms) : terms_(terms) {}

    /// Other terms from now on: what was fetched is as old as it is, and fetched again at once.
    void follow(Terms terms) noexcept
    {
        terms_ = terms;
        due_ = {};
    }

    [[nodiscard]] Time due() const noexcept { return due_; }

    /// `max_age`: how long the issuer says that its answer is good.
    void fetched(Time now, std::optional<std::chrono::seconds> max_age, double chance);
    void failed(Time now, double chance);

    /// A token names a key that is not there. Whether to fetch for it: not within `cooldown` of the
    /// last fetch, and not for a key that was looked for a short while ago and was not there
    /// either. Of those only so many are remembered.
    bool want(std::uint64_t key, Time now);

    /// The keys have been old for so long that they count no more.
    [[nodiscard]] bool is_stale(Time now) const noexcept;
    /// When that will be; nothing: there are none.
    [[nodiscard]] std::optional<Time> stale_at() const noexcept;

    [[nodiscard]] std::optional<Time> fetched_at() const noexcept { return fetched_at_; }

    [[nodiscard]] std::size_t remembered() const noexcept { return missed_.size(); }

private:
    Terms terms_;
    Time due_{}; // at once
    std::optional<Time> fetched_at_;
    std::optional<Time> tried_at_;
    unsigned failures_ = 0;
    std::map<std::uint64_t, Time> missed_; // until when they are not looked for again
};

} // namespace gatehouse::gateway
