#pragma once

#include "gateway/headers/head_writer.hpp"

#include <span>
#include <string>
#include <string_view>

namespace gatehouse::gateway {

/// Writes a Cookie field without the cookies whose name is in `cut`; all others stay byte for byte.
/// Writes nothing when none is left.
void write_cookies_without(HeadWriter& out, std::string_view name, std::string_view value,
                           std::span<const std::string> cut) noexcept;

} // namespace gatehouse::gateway
