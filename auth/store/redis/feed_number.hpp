#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::auth::redis {

/// The ids of a stream, "MILLISECONDS-COUNT", as one number in the same order: 2^20 counts for each
/// millisecond until the year 2248. Higher counts share the last number; whoever adds an entry
/// there adds it to the next millisecond too.
inline constexpr unsigned count_bits = 20;
inline constexpr std::uint64_t highest_count = (std::uint64_t{1} << count_bits) - 1;

/// Nothing for what is no id, and for years that nobody lives to see.
[[nodiscard]] std::optional<std::uint64_t> feed_number(std::string_view id);

[[nodiscard]] std::string feed_id(std::uint64_t number);

} // namespace gatehouse::auth::redis
