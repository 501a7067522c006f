#include "auth/tokens/csrf_token.hpp"

#include "auth/jose/base64url.hpp"
#include "config/basics/enforced.hpp"

#include <algorithm>

namespace gatehouse::auth {
namespace {

/// No signing input of a token has a colon in it, so neither can stand for the other.
std::string input_of(std::string_view session_id)
{
    return std::string("csrf:").append(session_id);
}

} // namespace

std::string csrf_token_of(const KeyRing& ring, std::string_view session_id)
{
    return jose::encode_base64url(ring.refresh_signer().sign(input_of(session_id)));
}

bool is_csrf_token_of(const KeyRing& ring, std::string_view session_id, std::string_view presented,
                      Seconds now)
{
    const auto mac = jose::decode_base64url(presented);
    if (!mac) return false;
    const auto input = input_of(session_id);
    return std::ranges::any_of(ring.refresh_keys(), [&](const RingKey& each) {
        const auto* key = ring.refresh_verifier(each.key->kid(), now);
        return key != nullptr && (!enforced("csrf.mac") || key->verify(input, *mac));
    });
}

} // namespace gatehouse::auth
