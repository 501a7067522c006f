#pragma once

#include "config/basics/result.hpp"
#include "config/settings/traffic.hpp"
#include "gateway/http/head.hpp"
#include "gateway/http/head_scanner.hpp"
#include "gateway/http/parse_error.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace gatehouse::gateway {

/// Reads response heads as strictly as requests are read (RFC 9112; SECURITY.md R15).
class ResponseParser {
public:
    /// Whether the request asked to speak another protocol.
    enum class Switching : std::uint8_t { not_asked_for, asked_for };

    /// Works as RequestParser::parse. `request_method` is that of the request being answered: a
    /// response to HEAD has no body, whatever its fields say.
    ///
    /// A head with status 1xx is interim (framing none): the caller passes it on or drops it and
    /// parses again behind it. 101 is the last answer to whoever asked for it, and else an error.
    /// A 204 that announces a body all the same has `keep_alive` false: what follows is not
    /// trusted to be the next response.
    [[nodiscard]] Result<std::optional<std::size_t>, ParseError>
    parse(std::string_view received, ResponseHead& head, std::string_view request_method,
          const config::LimitSettings& limits, Switching switching = Switching::not_asked_for);

    /// Forgets a half-read head.
    void reset() noexcept { scanner_.reset(); }

private:
    [[nodiscard]] std::optional<ParseError> read_head(std::string_view received, ResponseHead& head,
                                                      std::string_view request_method,
                                                      Switching switching);

    HeadScanner scanner_{HeadScanner::Before::nothing_allowed};
};

} // namespace gatehouse::gateway
