#pragma once

#include "auth/basics/clock.hpp"

#include <array>
#include <optional>
#include <string_view>

namespace gatehouse::gateway {

/// The value of a Date field, formatted once a second. One per worker.  RFC 9110, 5.6.7
class HttpDate {
public:
    /// Valid until the next call.
    [[nodiscard]] std::string_view text(auth::Seconds now) noexcept;

private:
    auth::Seconds formatted_{auth::Seconds::min()};
    std::array<char, 29> text_{};
};

/// A date in any of the three forms that HTTP has had; nothing for any other text. Two digits of a
/// year are of this century or of the last.  RFC 9110, 5.6.7
[[nodiscard]] std::optional<auth::Seconds> parse_http_date(std::string_view text) noexcept;

} // namespace gatehouse::gateway
