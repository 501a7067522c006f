// Whatever an issuer publishes: the reader ends, keeps to its bounds, and what it takes checks
// signatures with one allowed algorithm.
#include "auth/jose/jwks.hpp"

#include "tests/fuzz/must.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace gatehouse::auth::jose;
    static constexpr std::array allowed{Algorithm::rs256, Algorithm::ps512, Algorithm::es256,
                                        Algorithm::es384, Algorithm::eddsa};
    const auto set = read_jwks({reinterpret_cast<const char*>(data), size}, allowed);
    if (!set) return 0;
    must(set->keys.size() <= most_jwks_keys * allowed.size(), "a set has a bound");
    for (const auto& [kid, key] : set->keys) {
        must(std::ranges::find(allowed, key->algorithm()) != allowed.end(), "it was allowed");
        must(!kid || (!kid->empty() && kid->size() <= longest_kid_bytes), "names have a bound");
        must(!key->verify("message", "") && !key->verify("message", std::string(64, '\0')),
             "nothing is signed");
    }
    return 0;
}
