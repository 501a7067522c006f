#include "gateway/http/request_target.hpp"

#include "config/basics/enforced.hpp"
#include "config/basics/sixteen.hpp"
#include "gateway/http/authority.hpp"
#include "gateway/http/field_syntax.hpp"

namespace gatehouse::gateway {
namespace {

constexpr std::string_view scheme = "http://";

/// Neither a blank, a control, a fragment's mark nor a byte from 0x80 on.
bool is_target_byte(char c) noexcept
{
    return c > ' ' && c < 0x7f && c != '#';
}

bool is_of_target_bytes(std::string_view target) noexcept
{
    return all_bytes(
        target, [](Sixteen bytes) { return bytes.between('!', '"') | bytes.between('$', '~'); },
        is_target_byte);
}

Result<RequestTarget, ParseError> read_absolute(std::string_view target, std::string& rebuilt)
{
    const auto rest = target.substr(scheme.size());
    const auto authority = rest.substr(0, rest.find_first_of("/?"));
    if (enforced("http.target_authority") && !is_authority(authority)) return ParseError::bad_host;

    const auto origin = rest.substr(authority.size());
    if (origin.starts_with('/')) return RequestTarget{authority, origin};
    rebuilt.assign(1, '/').append(origin);
    return RequestTarget{authority, rebuilt};
}

} // namespace

Result<RequestTarget, ParseError> read_target(std::string_view target, std::string& rebuilt)
{
    if (enforced("http.target_bytes") && !is_of_target_bytes(target)) return ParseError::bad_target;
    if (equal_ignoring_case(target.substr(0, scheme.size()), scheme)) {
        return read_absolute(target, rebuilt);
    }
    if (enforced("http.target_form") && !target.starts_with('/')) return ParseError::bad_target;
    return RequestTarget{{}, target};
}

} // namespace gatehouse::gateway
