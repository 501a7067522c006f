#pragma once

#include <optional>
#include <string_view>

namespace gatehouse::config {

/// Where a call of the auth API is: `POST /auth`.
struct CallPlace {
    std::string_view method;
    std::string_view path; // literal, of plain letters, as requests have it once they were judged
};

/// Nothing: `text` does not have that form. The views point into it.
[[nodiscard]] std::optional<CallPlace> parse_call_place(std::string_view text);

/// Whether a path may be the Path of a cookie: `/`, or a plain path without a slash at its end.
[[nodiscard]] bool is_cookie_path(std::string_view path);

/// Whether browsers send a cookie with that Path to `path` (RFC 6265, 5.1.4).
[[nodiscard]] bool is_in_cookie_path(std::string_view path, std::string_view cookie_path);

} // namespace gatehouse::config
