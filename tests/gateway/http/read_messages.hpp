#pragma once

#include "gateway/http/request_parser.hpp"
#include "gateway/http/response_parser.hpp"

#include <string>
#include <string_view>

namespace gatehouse::gateway {

/// What a parser said, as text that a table can hold: "need more", the error's words, or the whole
/// head, e.g. "POST /a?b HTTP/1.1 host=a length=5 keep-alive [Host=a] [Content-Length=5] size=47".
[[nodiscard]] std::string told(const Result<std::optional<std::size_t>, ParseError>& result,
                               const RequestHead& head);
[[nodiscard]] std::string told(const Result<std::optional<std::size_t>, ParseError>& result,
                               const ResponseHead& head);

/// Reads `bytes` as they are, with the default limits, by a fresh parser.
[[nodiscard]] std::string read_request(std::string_view bytes,
                                       const config::LimitSettings& limits = {});
[[nodiscard]] std::string read_response(std::string_view bytes, std::string_view method = "GET",
                                        const config::LimitSettings& limits = {});

/// Reads `bytes` in two parts for every place to cut, and byte by byte, each time in memory of
/// exactly that size. Returns the first outcome that differs from reading them at once, with the
/// place, or nothing.
[[nodiscard]] std::string request_differs_when_cut(std::string_view bytes,
                                                   const config::LimitSettings& limits = {});
[[nodiscard]] std::string response_differs_when_cut(std::string_view bytes,
                                                    std::string_view method = "GET");

} // namespace gatehouse::gateway
