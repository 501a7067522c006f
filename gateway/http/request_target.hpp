#pragma once

#include "config/basics/result.hpp"
#include "gateway/http/parse_error.hpp"

#include <string>
#include <string_view>

namespace gatehouse::gateway {

/// A request target taken apart (RFC 9112, 3.2).
struct RequestTarget {
    std::string_view authority; // of the absolute form; empty: Host decides
    std::string_view origin;    // path and query, beginning with '/'
};

/// Reads origin-form and absolute-form with the scheme http; authority-form, asterisk-form and
/// other schemes are refused (R7), and so is a target with '#' or bytes from 0x80 on. What a path
/// may hold beyond that is for routing to say. `rebuilt` keeps the origin form of
/// `http://host?query`, which has no path to point at.
[[nodiscard]] Result<RequestTarget, ParseError> read_target(std::string_view target,
                                                            std::string& rebuilt);

} // namespace gatehouse::gateway
