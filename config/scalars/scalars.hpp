#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::config {

using Millis = std::chrono::milliseconds;

inline constexpr std::uint64_t KiB = 1024;
inline constexpr std::uint64_t MiB = 1024 * KiB;
inline constexpr std::uint64_t GiB = 1024 * MiB;

/// Decimal digits without sign or leading zero: `010` is no number, since some would read 8.
[[nodiscard]] std::optional<std::uint64_t> parse_count(std::string_view text);

/// A whole number and a unit: ms, s, m, h or d. `0` needs none. Nothing when it overflows.
[[nodiscard]] std::optional<Millis> parse_duration(std::string_view text);

/// A whole number and a unit: B, KiB, MiB or GiB; a number alone counts bytes.
[[nodiscard]] std::optional<std::uint64_t> parse_size(std::string_view text);

/// A decimal fraction from 0 to 1 with at most nine digits behind its point: `0.05`.
[[nodiscard]] std::optional<double> parse_ratio(std::string_view text);

/// `true` or `false`.
[[nodiscard]] std::optional<bool> parse_boolean(std::string_view text);

/// In the largest unit that keeps it whole: `15m`, `365d`, `250ms`, `0`.
[[nodiscard]] std::string format_duration(Millis duration);
/// `32KiB`, `0`.
[[nodiscard]] std::string format_size(std::uint64_t bytes);

} // namespace gatehouse::config
