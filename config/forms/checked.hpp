#pragma once

#include "config/diagnostics/nearest.hpp"
#include "config/diagnostics/report.hpp"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace gatehouse::config {

/// What a check of a form says: nothing where all is well.
using Checked = std::optional<Problem>;

[[nodiscard]] inline Checked wrong(std::string_view text, std::string_view what, std::string hint)
{
    return Problem{fmt::format("{} {}", quoted(text), what), std::move(hint)};
}

[[nodiscard]] constexpr bool is_alphanumeric(char c) noexcept
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

} // namespace gatehouse::config
