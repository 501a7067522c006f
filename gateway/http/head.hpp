#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace gatehouse::gateway {

/// One header field as it stands in the read buffer.
struct Field {
    std::string_view name;
    std::string_view value; // without surrounding white space
};

/// How the end of a body is known (RFC 9112, 6.3). A request with `Content-Length: 0` is `length`,
/// one that says nothing is `none`. A response to HEAD and a 1xx, 204 or 304 is `none` although it
/// may carry a (valid) Content-Length field.
enum class BodyKind : std::uint8_t { none, length, chunked, until_close };

struct Framing {
    BodyKind kind = BodyKind::none;
    std::uint64_t length = 0; // of BodyKind::length
};

enum class Version : std::uint8_t { http_1_0, http_1_1 };

/// A request head as views into the read buffer: valid until that buffer moves on. Reused from
/// request to request, so that a warm connection allocates nothing.
struct RequestHead {
    std::string_view method;
    std::string_view target; // as sent
    Version version = Version::http_1_1;
    std::vector<Field> fields;
    /// Known after the strict checks:
    Framing framing;
    std::string_view host; // host[:port] of an absolute-form target, else of Host; 1.0: maybe empty
    std::string_view origin_target; // path and query, of origin-form or absolute-form
    bool keep_alive = true;
    bool expects_continue = false; // waits for a 100 before it sends its body
    bool websocket = false;        // is_websocket_handshake()
};

/// A response head, the same way.
struct ResponseHead {
    unsigned status = 0;
    std::string_view reason;
    Version version = Version::http_1_1;
    std::vector<Field> fields;
    Framing framing;
    bool keep_alive = true;
};

} // namespace gatehouse::gateway
