#include "auth/jose/compact.hpp"

#include "config/basics/enforced.hpp"

namespace gatehouse::auth::jose {

std::optional<Compact> split_compact(std::string_view token) noexcept
{
    const auto first = token.find('.');
    if (first == std::string_view::npos) return std::nullopt;
    const auto second = token.find('.', first + 1);
    if (second == std::string_view::npos) return std::nullopt;
    Compact parts;
    parts.header = token.substr(0, first);
    parts.payload = token.substr(first + 1, second - first - 1);
    parts.signature = token.substr(second + 1);
    parts.signing_input = token.substr(0, second);
    // An unsigned JWT (RFC 7519, 6) ends in a dot; an encrypted one has five parts.
    const bool has_more = parts.signature.find('.') != std::string_view::npos;
    if (enforced("jose.three_segments") && has_more) return std::nullopt;
    if (parts.header.empty() || parts.payload.empty() || parts.signature.empty()) {
        return std::nullopt;
    }
    return parts;
}

} // namespace gatehouse::auth::jose
