#pragma once

#include "gateway/limits/gcra.hpp"

#include <string>
#include <string_view>

namespace gatehouse::gateway {

class HeadWriter;

/// What an answer says of the rates that its request met: a list for each of the two fields of
/// draft-ietf-httpapi-ratelimit-headers-10. Nothing in them needs an escape.
struct RateFields {
    std::string policies; // `"user";q=100;w=60`
    std::string states;   // `"user";r=99;t=1`

    void clear() noexcept
    {
        policies.clear();
        states.clear();
    }

    /// `policy` is policy_item()'s.
    void add(std::string_view name, std::string_view policy, const RateVerdict& verdict);
};

/// `"name";q=<requests>;w=<seconds of per>`. `name` has the form of a rate's name.
[[nodiscard]] std::string policy_item(std::string_view name, const config::RateSettings& rate);

/// Writes both fields; nothing where there is nothing to say.
void write_rate_fields(HeadWriter& out, const RateFields& fields) noexcept;

/// Whole seconds, for fields that count in them: never too early.
[[nodiscard]] std::uint32_t whole_seconds(std::chrono::nanoseconds time) noexcept;

} // namespace gatehouse::gateway
