// Tokens of another issuer, as anybody may write them: what is not signed by its key is refused,
// and what is read of one before that ends. The first byte chooses how the rest is meant.
#include "auth/tokens/foreign_user.hpp"
#include "tests/auth/tokens/foreign_fixture.hpp"
#include "tests/fuzz/must.hpp"

#include <cstdint>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace gatehouse::auth;
    static const testing::OtherIssuer other;
    static const auto keys = other.keys();
    static const ForeignVerifier verifier("idp", other.settings);
    static const auto good = other.token();
    if (size == 0) return 0;
    const std::string rest(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto dot = good.find('.');
    const auto signature = good.substr(good.rfind('.'));
    std::string token;
    switch (data[0] % 4) {
    case 0:
        token = rest;
        break;
    case 1: // any header
        token = jose::encode_base64url(rest) + good.substr(dot);
        break;
    case 2: // any payload
        token = good.substr(0, dot + 1) + jose::encode_base64url(rest) + signature;
        break;
    default: // any signature
        token = good.substr(0, good.rfind('.') + 1) + rest;
    }
    (void)claimed_issuer(token);
    (void)claimed_key(token);
    const auto principal = verifier.access(*keys, token, testing::noon);
    must(!principal || token == good, "only what was signed is accepted");
    if (principal) must(is_header_safe_id(principal->user_id), "an id fits into a header");
    // Whatever an issuer may call its users.
    const auto id = foreign_user_id("idp", rest);
    must(rest.empty() || (is_header_safe_id(id) && is_named_by("idp", id)), "ids are safe");
    return 0;
}
