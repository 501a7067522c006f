#include "auth/passkeys/cose_key.hpp"

#include "auth/jose/base64url.hpp"
#include "auth/jose/ecdsa.hpp"
#include "auth/json/reader.hpp"
#include "auth/json/value.hpp"

#include <string>
#include <utility>
#include <vector>

namespace gatehouse::auth::passkeys {
namespace {

using jose::KeyError;

// Labels and values of COSE_Key (RFC 9052, 7.1; RFC 9053, 7; RFC 8230, 4).
constexpr std::int64_t label_kty = 1;
constexpr std::int64_t label_alg = 3;
constexpr std::int64_t label_crv = -1; // n where the key is of RSA
constexpr std::int64_t label_x = -2;   // e
constexpr std::int64_t label_y = -3;
constexpr std::int64_t label_d = -4; // private; of RSA -3 to -12 are
constexpr std::int64_t kty_okp = 1;
constexpr std::int64_t kty_ec2 = 2;
constexpr std::int64_t kty_rsa = 3;
constexpr std::int64_t crv_p256 = 1;
constexpr std::int64_t crv_ed25519 = 6;

constexpr std::size_t point_bytes = 32;
constexpr std::size_t most_rsa_bytes = 8192 / 8; // what takes longer to verify is an attack

std::optional<std::int64_t> integer_at(const Cbor& cose, std::int64_t label)
{
    const auto* found = cose.find(label);
    return found != nullptr ? found->integer() : std::nullopt;
}

std::optional<std::string_view> bytes_at(const Cbor& cose, std::int64_t label)
{
    const auto* found = cose.find(label);
    return found != nullptr ? found->bytes() : std::nullopt;
}

/// The members of a JWK, which is what knows how to become a key.
class Jwk {
public:
    Jwk(std::string kty, CoseAlgorithm algorithm)
    {
        add("kty", std::move(kty));
        add("alg", std::string(jose::to_string(algorithm_of(algorithm))));
    }

    void add(std::string name, std::string value)
    {
        members_.push_back({std::move(name), json::Value(std::move(value))});
    }

    void add_bytes(std::string name, std::string_view bytes)
    {
        add(std::move(name), jose::encode_base64url(bytes));
    }

    [[nodiscard]] Result<jose::Key::Pointer, KeyError> key() &&
    {
        return jose::Key::from_public_jwk(json::Value(std::move(members_)));
    }

private:
    json::Value::Object members_;
};

Result<jose::Key::Pointer, KeyError> read_ec(const Cbor& cose)
{
    const auto x = bytes_at(cose, label_x);
    const auto y = bytes_at(cose, label_y); // compressed: a boolean
    if (integer_at(cose, label_crv) != crv_p256 || !x || !y || x->size() != point_bytes ||
        y->size() != point_bytes) {
        return KeyError("an ES256 key is an uncompressed point of P-256");
    }
    Jwk jwk("EC", CoseAlgorithm::es256);
    jwk.add("crv", "P-256");
    jwk.add_bytes("x", *x);
    jwk.add_bytes("y", *y);
    return std::move(jwk).key();
}

Result<jose::Key::Pointer, KeyError> read_okp(const Cbor& cose)
{
    const auto x = bytes_at(cose, label_x);
    if (integer_at(cose, label_crv) != crv_ed25519 || !x || x->size() != point_bytes) {
        return KeyError("an EdDSA key is one of Ed25519");
    }
    Jwk jwk("OKP", CoseAlgorithm::eddsa);
    jwk.add("crv", "Ed25519");
    jwk.add_bytes("x", *x);
    return std::move(jwk).key();
}

Result<jose::Key::Pointer, KeyError> read_rsa(const Cbor& cose)
{
    const auto n = bytes_at(cose, label_crv);
    const auto e = bytes_at(cose, label_x);
    if (!n || !e || n->size() > most_rsa_bytes || e->size() > sizeof(std::uint64_t) || n->empty() ||
        e->empty() || n->front() == '\0' || e->front() == '\0') {
        return KeyError("an RS256 key has a modulus of up to 8192 bits and an exponent");
    }
    Jwk jwk("RSA", CoseAlgorithm::rs256);
    jwk.add_bytes("n", *n);
    jwk.add_bytes("e", *e);
    return std::move(jwk).key();
}

} // namespace

std::optional<CoseAlgorithm> parse_cose_algorithm(std::int64_t number) noexcept
{
    for (const auto each : {CoseAlgorithm::es256, CoseAlgorithm::eddsa, CoseAlgorithm::rs256}) {
        if (number == static_cast<std::int64_t>(each)) return each;
    }
    return std::nullopt;
}

jose::Algorithm algorithm_of(CoseAlgorithm algorithm) noexcept
{
    switch (algorithm) {
    case CoseAlgorithm::es256:
        return jose::Algorithm::es256;
    case CoseAlgorithm::eddsa:
        return jose::Algorithm::eddsa;
    case CoseAlgorithm::rs256:
        break;
    }
    return jose::Algorithm::rs256;
}

Result<jose::Key::Pointer, KeyError> read_cose_key(const Cbor& cose)
{
    const auto number = integer_at(cose, label_alg);
    const auto algorithm = number ? parse_cose_algorithm(*number) : std::nullopt;
    const auto kty = integer_at(cose, label_kty);
    if (!algorithm || !kty) return KeyError("the key names no algorithm that is taken");
    if (kty != kty_rsa && cose.find(label_d) != nullptr) {
        return KeyError("the key has its private half with it");
    }
    if (algorithm == CoseAlgorithm::es256 && kty == kty_ec2) return read_ec(cose);
    if (algorithm == CoseAlgorithm::eddsa && kty == kty_okp) return read_okp(cose);
    if (algorithm == CoseAlgorithm::rs256 && kty == kty_rsa) {
        if (cose.find(label_y) != nullptr) return KeyError("the key has its private half with it");
        return read_rsa(cose);
    }
    return KeyError("the algorithm of the key is not one for its type");
}

Result<jose::Key::Pointer, KeyError> read_cose_key(std::string_view bytes)
{
    const auto cose = read_cbor(bytes);
    if (!cose) return KeyError("the key is no CBOR");
    return read_cose_key(*cose);
}

std::string cose_key_of_nobody()
{
    const auto key = jose::Key::generate(jose::Algorithm::es256);
    const auto jwk = json::read(key->public_jwk());
    const auto point = [&jwk](std::string_view name) {
        return jose::decode_base64url(*jwk->find_string(name)).value_or("");
    };
    // {1: 2, 3: -7, -1: 1, -2: x, -3: y}
    return std::string("\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20") + point("x") + "\x22\x58\x20" +
           point("y");
}

bool is_signed(const jose::Key& key, std::string_view input, std::string_view signature)
{
    if (key.algorithm() != jose::Algorithm::es256) return key.verify(input, signature);
    const auto numbers = jose::ecdsa_from_foreign_der(key.algorithm(), signature);
    return numbers && key.verify(input, *numbers);
}

} // namespace gatehouse::auth::passkeys
