#pragma once

#include "auth/basics/clock.hpp"

#include <fmt/chrono.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace gatehouse::gateway {

/// For a terminal: controls, among them escape sequences somebody put into a user agent, as `?`.
[[nodiscard]] inline std::string printable(std::string_view text)
{
    std::string out{text};
    std::ranges::replace_if(
        out, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
    return out;
}

/// `2026-11-21T02:55:16Z`
[[nodiscard]] inline std::string utc(auth::Seconds at)
{
    const auto time = std::chrono::system_clock::to_time_t(at);
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(time));
}

} // namespace gatehouse::gateway
