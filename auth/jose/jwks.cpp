#include "auth/jose/jwks.hpp"

#include "auth/json/reader.hpp"
#include "config/basics/enforced.hpp"

#include <algorithm>

namespace gatehouse::auth::jose {

namespace {

[[nodiscard]] bool is_text(const json::Value& value, std::string_view expected)
{
    return value.string() != nullptr && *value.string() == expected;
}

/// Absent, or one that checks signatures (RFC 7517, 4.2 and 4.3).
[[nodiscard]] bool may_verify(const json::Value& jwk)
{
    const auto* use = jwk.find("use");
    if (use != nullptr && !is_text(*use, "sig")) return false;
    const auto* operations = jwk.find("key_ops");
    if (operations == nullptr) return true;
    const auto* list = operations->array();
    return list != nullptr &&
           std::ranges::any_of(*list, [](const auto& each) { return is_text(each, "verify"); });
}

/// What a key of this type and curve can do.
[[nodiscard]] bool can_do(const json::Value& jwk, Algorithm algorithm)
{
    const auto* type = jwk.find("kty");
    const auto* curve = jwk.find("crv");
    if (type == nullptr) return false;
    const auto is_on = [&](std::string_view name) {
        return curve != nullptr && is_text(*curve, name);
    };
    switch (algorithm) {
    case Algorithm::es256:
        return is_text(*type, "EC") && is_on("P-256");
    case Algorithm::es384:
        return is_text(*type, "EC") && is_on("P-384");
    case Algorithm::eddsa:
        return is_text(*type, "OKP") && is_on("Ed25519");
    case Algorithm::rs256:
    case Algorithm::rs384:
    case Algorithm::rs512:
    case Algorithm::ps256:
    case Algorithm::ps384:
    case Algorithm::ps512:
        return is_text(*type, "RSA");
    case Algorithm::hs256:
        break; // a secret that is published is none (R30)
    }
    return false;
}

/// Reads the keys of one set.
class SetReader {
public:
    explicit SetReader(std::span<const Algorithm> allowed) : allowed_(allowed) {}

    /// Null: it was of use. Else why not.
    [[nodiscard]] std::string take(const json::Value& jwk)
    {
        if (jwk.object() == nullptr) return "is no object";
        if (enforced("jwks.for_signing") && !may_verify(jwk)) return "is not for signing";
        // Whoever read the set can sign with it.
        const bool is_open = jwk.find("d") != nullptr || jwk.find("k") != nullptr;
        if (enforced("jwks.public_half_only") && is_open) return "has its private half in the open";
        const auto* kid = jwk.find("kid");
        if (kid != nullptr && (kid->string() == nullptr || kid->string()->empty() ||
                               kid->string()->size() > longest_kid_bytes)) {
            return "has a kid that is no name";
        }
        const auto* alg = jwk.find("alg");
        std::string problem = "is for nothing that is allowed (kty, crv, alg)";
        for (const auto algorithm : allowed_) {
            const bool named = alg == nullptr || is_text(*alg, to_string(algorithm));
            if (enforced("jwks.own_algorithm") && !named) continue;
            if (!can_do(jwk, algorithm)) continue;
            auto key = Key::from_public_jwk(jwk, algorithm);
            if (key) {
                taken.keys.push_back({kid == nullptr ? std::nullopt : std::optional(*kid->string()),
                                      *std::move(key)});
                problem.clear();
            } else {
                problem = key.error().message;
            }
        }
        return problem;
    }

    PublishedKeys taken;

private:
    std::span<const Algorithm> allowed_;
};

} // namespace

Result<PublishedKeys, KeyError> read_jwks(std::string_view text, std::span<const Algorithm> allowed)
{
    if (enforced("jwks.length") && text.size() > longest_jwks_bytes) {
        return KeyError("the JWKS is too long");
    }
    const auto set = json::read(text);
    if (!set) return KeyError("the JWKS is no strict JSON");
    const auto* member = set->find("keys");
    const auto* keys = member == nullptr ? nullptr : member->array();
    if (keys == nullptr) return KeyError("the JWKS has no list of `keys`");
    if (enforced("jwks.count") && keys->size() > most_jwks_keys) {
        return KeyError("the JWKS has too many keys");
    }
    SetReader reader(allowed);
    for (std::size_t i = 0; i < keys->size(); ++i) {
        auto problem = reader.take((*keys)[i]);
        if (problem.empty()) continue;
        reader.taken.left_out.push_back("keys[" + std::to_string(i) + "]: " + problem);
    }
    return std::move(reader.taken);
}

} // namespace gatehouse::auth::jose
