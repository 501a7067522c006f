#include "gateway/upstream/retry.hpp"

#include "config/basics/enforced.hpp"
#include "config/scalars/scalars.hpp"
#include "gateway/headers/only_value.hpp"
#include "gateway/http/field_syntax.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::gateway {

using namespace std::chrono_literals;

bool is_idempotent(std::string_view method) noexcept
{
    constexpr std::array<std::string_view, 5> methods{"GET", "HEAD", "PUT", "DELETE", "OPTIONS"};
    return std::ranges::find(methods, method) != methods.end();
}

RetryPolicy::RetryPolicy(const config::RetrySettings& settings) : settings_(settings)
{
    for (const auto& name : settings.on) {
        if (const auto cause = config::parse_retry_cause(name)) causes_ |= bit(*cause);
    }
}

bool RetryPolicy::may_repeat(std::string_view method) const noexcept
{
    if (settings_.methods.empty()) return is_idempotent(method);
    return std::ranges::find(settings_.methods, method) != settings_.methods.end();
}

std::optional<config::RetryCause> cause_of(unsigned status) noexcept
{
    switch (status) {
    case 502:
        return config::RetryCause::answer_502;
    case 503:
        return config::RetryCause::answer_503;
    case 504:
        return config::RetryCause::answer_504;
    default:
        return std::nullopt;
    }
}

std::optional<std::chrono::seconds> retry_after(std::span<const Field> fields)
{
    const bool is_there = std::ranges::any_of(
        fields, [](const Field& field) { return equal_ignoring_case(field.name, "retry-after"); });
    if (!is_there) return std::nullopt;
    const auto seconds = config::parse_count(only_value(fields, "retry-after"));
    constexpr std::uint64_t day = 86'400;
    return std::chrono::seconds{std::min(seconds.value_or(day), day)};
}

Monotonic backoff(const config::RetrySettings& settings, std::uint32_t tries,
                  double chance) noexcept
{
    auto bound = std::min(settings.backoff, settings.most);
    for (; tries != 0 && bound < settings.most; --tries) bound = std::min(2 * bound, settings.most);
    return Monotonic{static_cast<Monotonic::rep>(static_cast<double>(bound.count() + 1) * chance)};
}

std::optional<NextTry> next_try(const config::RetrySettings& settings, Monotonic wait,
                                Monotonic left, std::optional<std::chrono::seconds> asked) noexcept
{
    if (asked) {
        // Whoever asks for more time than a retry waits is not asked again by us: the client is
        // told, and may come back then.
        if (enforced("upstream.retry_after") && *asked > settings.most) return std::nullopt;
        wait = std::max<Monotonic>(wait, *asked);
    }
    if (wait >= left) return std::nullopt;
    return NextTry{wait, left - wait};
}

bool RetryBudget::take(Monotonic now, std::uint32_t least_per_second) noexcept
{
    const double least = least_per_second;
    if (filled_at_ < 0ms)
        free_ = least;
    else
        free_ =
            std::min(least, free_ + least * static_cast<double>((now - filled_at_).count()) / 1000);
    filled_at_ = now;
    auto& purse = free_ >= 1 ? free_ : credit_;
    if (purse < 1 && enforced("upstream.retry_budget")) return false;
    purse -= 1;
    return true;
}

} // namespace gatehouse::gateway
