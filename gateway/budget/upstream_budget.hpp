#pragma once

#include "config/settings/upstream_fitness.hpp"
#include "gateway/budget/quota_window.hpp"
#include "gateway/budget/told_quota.hpp"

#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace gatehouse::gateway {

/// Rings where somebody fetches portions of shared quotas.
class PortionBell {
public:
    void ring();
    /// Until it rings, or `most` has passed, or is_over.
    void wait(std::chrono::milliseconds most);
    void end();
    [[nodiscard]] bool is_over();

private:
    std::mutex mutex_;
    std::condition_variable rung_;
    bool rings_ = false;
    bool over_ = false;
};

/// What the service behind an upstream may still be asked, for the whole process: each request,
/// retry and check takes one before it is sent, or does not go. Threads share it under a lock;
/// upstreams without `budget` have none.
class UpstreamBudget {
public:
    using Time = std::chrono::nanoseconds; // of std::chrono::steady_clock

    [[nodiscard]] static Time now() noexcept
    {
        return std::chrono::steady_clock::now().time_since_epoch();
    }

    /// With a bell, `shared` quotas come in portions, from whoever hears it; null: this process is
    /// alone.
    explicit UpstreamBudget(PortionBell* bell) : bell_(bell) {}

    UpstreamBudget(const UpstreamBudget&) = delete;
    UpstreamBudget& operator=(const UpstreamBudget&) = delete;

    /// What holds from now on. What was counted still counts.
    void use(const config::BudgetSettings& settings);
    [[nodiscard]] config::BudgetSettings settings() const;

    struct Verdict {
        bool passes = false;
        Time wait{}; // when not: before that there is no use in asking again
    };

    /// One request is about to be sent.
    [[nodiscard]] Verdict take(Time now);
    /// It was not.
    void give_back();
    /// It was, and by now has got there or never will.
    void end(Time now);
    /// What an answer said.
    void hear(const QuotaNews& news, Time now);

    // For whoever fetches portions:

    /// How many would be used now, with what is at hand; 0: nobody wants any.
    [[nodiscard]] std::uint32_t wanted(Time now);
    /// So many are this process's until then.
    void bring(std::uint32_t portion, Time until);
    /// The store has none left before then, or does not answer.
    void bring_none(Time until);

private:
    [[nodiscard]] bool in_portions() const noexcept
    {
        return bell_ != nullptr && settings_.shared && settings_.requests != 0;
    }

    [[nodiscard]] Verdict take_of_quota(Time now);
    [[nodiscard]] Verdict take_of_portion(Time now);

    PortionBell* const bell_;
    mutable std::mutex mutex_;
    config::BudgetSettings settings_{};
    ToldQuota told_;
    QuotaWindow window_; // of those that got there
    std::uint32_t under_way_ = 0;

    std::uint32_t portion_ = 0;
    Time portion_until_{};
    Time none_until_{};
    std::uint32_t asked_for_ = 0; // by those who found none
    std::uint32_t used_ = 0;      // of the portion
};

} // namespace gatehouse::gateway
