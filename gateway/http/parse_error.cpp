#include "gateway/http/parse_error.hpp"

#include <ostream>

namespace gatehouse::gateway {

std::string_view to_string(ParseError error) noexcept
{
    switch (error) {
    case ParseError::control_byte:
        return "control byte";
    case ParseError::bare_cr:
        return "bare CR";
    case ParseError::bare_lf:
        return "bare LF";
    case ParseError::folded_line:
        return "folded line";
    case ParseError::too_many_empty_lines:
        return "too many empty lines";
    case ParseError::head_too_large:
        return "head too large";
    case ParseError::too_many_fields:
        return "too many fields";
    case ParseError::bad_start_line:
        return "bad start line";
    case ParseError::bad_version:
        return "bad version";
    case ParseError::bad_field:
        return "bad field";
    case ParseError::refused_method:
        return "refused method";
    case ParseError::target_too_long:
        return "target too long";
    case ParseError::bad_target:
        return "bad target";
    case ParseError::bad_host:
        return "bad host";
    case ParseError::bad_content_length:
        return "bad content length";
    case ParseError::length_and_encoding:
        return "length and encoding";
    case ParseError::bad_transfer_encoding:
        return "bad transfer encoding";
    case ParseError::unknown_transfer_encoding:
        return "unknown transfer encoding";
    case ParseError::bad_expectation:
        return "bad expectation";
    case ParseError::bad_status:
        return "bad status";
    case ParseError::unexpected_upgrade:
        return "unexpected upgrade";
    case ParseError::bad_chunk:
        return "bad chunk";
    case ParseError::bad_chunk_extension:
        return "bad chunk extension";
    case ParseError::bad_trailer:
        return "bad trailer";
    case ParseError::trailers_too_large:
        return "trailers too large";
    }
    return "unknown";
}

std::ostream& operator<<(std::ostream& out, ParseError error)
{
    return out << to_string(error);
}

RefusalCode refusal_of(ParseError error) noexcept
{
    switch (error) {
    case ParseError::head_too_large:
    case ParseError::too_many_fields:
    case ParseError::trailers_too_large:
        return RefusalCode::headers_too_large;
    case ParseError::target_too_long:
        return RefusalCode::uri_too_long;
    case ParseError::refused_method:
    case ParseError::unknown_transfer_encoding:
        return RefusalCode::not_implemented;
    case ParseError::control_byte:
    case ParseError::bare_cr:
    case ParseError::bare_lf:
    case ParseError::folded_line:
    case ParseError::too_many_empty_lines:
    case ParseError::bad_start_line:
    case ParseError::bad_version:
    case ParseError::bad_field:
    case ParseError::bad_target:
    case ParseError::bad_host:
    case ParseError::bad_content_length:
    case ParseError::length_and_encoding:
    case ParseError::bad_transfer_encoding:
    case ParseError::bad_expectation:
    case ParseError::bad_status:
    case ParseError::unexpected_upgrade:
    case ParseError::bad_chunk:
    case ParseError::bad_chunk_extension:
    case ParseError::bad_trailer:
        return RefusalCode::bad_request;
    }
    return RefusalCode::bad_request;
}

} // namespace gatehouse::gateway
