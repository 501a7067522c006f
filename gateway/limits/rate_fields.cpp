#include "gateway/limits/rate_fields.hpp"

#include "gateway/headers/head_writer.hpp"

#include <fmt/format.h>

#include <iterator>

namespace gatehouse::gateway {

std::uint32_t whole_seconds(std::chrono::nanoseconds time) noexcept
{
    return static_cast<std::uint32_t>(std::chrono::ceil<std::chrono::seconds>(time).count());
}

std::string policy_item(std::string_view name, const config::RateSettings& rate)
{
    return fmt::format("\"{}\";q={};w={}", name, rate.requests, rate.per.count());
}

void RateFields::add(std::string_view name, std::string_view policy, const RateVerdict& verdict)
{
    const std::string_view between = policies.empty() ? "" : ", ";
    policies.append(between).append(policy);
    // `t` is the time that `r` is for: where nothing is left, until one more may come.
    const auto time = verdict.left == 0 ? verdict.wait : verdict.all_back;
    fmt::format_to(std::back_inserter(states), "{}\"{}\";r={};t={}", between, name, verdict.left,
                   whole_seconds(time));
}

void write_rate_fields(HeadWriter& out, const RateFields& fields) noexcept
{
    if (fields.policies.empty()) return;
    out.field("RateLimit-Policy", fields.policies);
    out.field("RateLimit", fields.states);
}

} // namespace gatehouse::gateway
