#pragma once

#include "gateway/http/head.hpp"

#include <span>
#include <string>
#include <string_view>

namespace gatehouse::gateway {

/// What a head says of compression, besides what the upstream said.
struct CodingFields {
    std::string_view coding; // Content-Encoding; or empty
    bool adds_vary = false;  // `Vary: Accept-Encoding`
};

/// Whether the answer says by itself that it may differ by Accept-Encoding.
[[nodiscard]] bool varies_by_coding(std::span<const Field> answer) noexcept;

/// Takes out of the head what is true only of the bytes as they came: their length, that parts of
/// them can be asked for, and that two answers with one ETag are the same byte by byte. `etag` is
/// where the weak one stands.  RFC 9110, 8.8.1 and 8.8.3.3
void let_go_of_bytes(ResponseHead& answer, std::string& etag);

/// A 304 names its answer as the client knows it: weakly, if that is how it has asked.
void name_as_asked(ResponseHead& answer, std::span<const Field> request, std::string& etag);

} // namespace gatehouse::gateway
