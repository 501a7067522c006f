#pragma once

#include <optional>
#include <string_view>

namespace gatehouse::auth::jose {

/// The parts of a JWS in compact form (RFC 7515, 7.1), still as text.
struct Compact {
    std::string_view header;
    std::string_view payload;
    std::string_view signature;
    std::string_view signing_input; // header "." payload
};

/// Exactly three parts, none of them empty. The parts are not decoded yet.
[[nodiscard]] std::optional<Compact> split_compact(std::string_view token) noexcept;

} // namespace gatehouse::auth::jose
