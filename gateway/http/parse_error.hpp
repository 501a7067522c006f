#pragma once

#include "gateway/pipeline/refusal.hpp"

#include <cstdint>
#include <iosfwd>
#include <string_view>

namespace gatehouse::gateway {

/// Why bytes are not a message that this gateway reads. The log says which; a client learns only
/// the refusal it maps to. After any of them the connection is closed: nobody can know where the
/// next message would begin.
enum class ParseError : std::uint8_t {
    control_byte,              // NUL or another control inside a line
    bare_cr,                   // a CR that no LF follows
    bare_lf,                   // a LF that no CR precedes
    folded_line,               // a field line that continues the one before (obs-fold)
    too_many_empty_lines,      // in front of a request
    head_too_large,            // limits.head_bytes
    too_many_fields,           // limits.head_fields
    bad_start_line,            // request line or status line
    bad_version,               // neither HTTP/1.0 nor HTTP/1.1
    bad_field,                 // no colon, a bad or empty name, a bad value
    refused_method,            // CONNECT, TRACE
    target_too_long,           // limits.target_bytes
    bad_target,                // a byte that no target has, or a form that nobody may ask here
    bad_host,                  // not exactly one valid Host
    bad_content_length,        // not one decimal number
    length_and_encoding,       // Content-Length and Transfer-Encoding together
    bad_transfer_encoding,     // not one final chunked, or in HTTP/1.0
    unknown_transfer_encoding, // a coding other than chunked
    bad_expectation,           // Expect other than 100-continue
    bad_status,                // of a response: not 100 to 599
    unexpected_upgrade,        // a 101 that nobody asked for
    bad_chunk,                 // chunk size, or the line end after a chunk
    bad_chunk_extension,       // not of the grammar, or too long
    bad_trailer,               // a trailer line that is no field line
    trailers_too_large
};

[[nodiscard]] std::string_view to_string(ParseError error) noexcept;
std::ostream& operator<<(std::ostream& out, ParseError error);

/// What the sender of such a request is told. A response that does not parse is always
/// RefusalCode::upstream_protocol.
[[nodiscard]] RefusalCode refusal_of(ParseError error) noexcept;

} // namespace gatehouse::gateway
