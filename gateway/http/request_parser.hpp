#pragma once

#include "config/basics/result.hpp"
#include "config/settings/traffic.hpp"
#include "gateway/http/head.hpp"
#include "gateway/http/head_scanner.hpp"
#include "gateway/http/parse_error.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::gateway {

/// Reads request heads, strictly (RFC 9112; SECURITY.md R1 to R7, R12, R17). One per connection
/// or exchange, reused for request after request; it allocates nothing once warm.
class RequestParser {
public:
    /// `received` is all that has arrived of this request, from its first byte on; what follows
    /// the head (a body, the next request) may be there too. Gives the size of the head, or
    /// nothing while it is incomplete: call again with more. Between such calls the bytes may
    /// move; only the scan goes on where it stopped.
    ///
    /// On success `head` is filled with views into `received` (and, for the rare absolute-form
    /// without a path, into this parser): they are valid until the buffer moves or parse() begins
    /// the next request. After success or an error the parser is ready for the next request.
    [[nodiscard]] Result<std::optional<std::size_t>, ParseError>
    parse(std::string_view received, RequestHead& head, const config::LimitSettings& limits);

    /// Forgets a half-read head.
    void reset() noexcept { scanner_.reset(); }

private:
    [[nodiscard]] std::optional<ParseError> read_head(std::string_view received, RequestHead& head,
                                                      const config::LimitSettings& limits);

    HeadScanner scanner_{HeadScanner::Before::empty_lines_allowed};
    std::string rebuilt_target_; // "/?query" of http://host?query
};

} // namespace gatehouse::gateway
