#include "auth/passkeys/attestation.hpp"

#include "auth/passkeys/attestation_certificate.hpp"
#include "config/basics/enforced.hpp"

#include <array>
#include <string>

namespace gatehouse::auth::passkeys {
namespace {

/// Of a statement with certificates: the first, which signs. Those behind it lead to its maker.
std::optional<AttestationCertificate> signing_certificate(const Cbor& certificates)
{
    const auto* chain = certificates.array();
    if (chain == nullptr || chain->empty()) return std::nullopt;
    const auto der = chain->front().bytes();
    return der ? AttestationCertificate::read(*der) : std::nullopt;
}

bool holds_packed(const Cbor& statement, const Attested& attested)
{
    const auto* said_algorithm = statement.find("alg");
    const auto* said_signature = statement.find("sig");
    if (said_algorithm == nullptr || said_signature == nullptr) return false;
    const auto number = said_algorithm->integer();
    const auto algorithm = number ? parse_cose_algorithm(*number) : std::nullopt;
    const auto signature = said_signature->bytes();
    if (!algorithm || !signature) return false;

    std::string input(attested.authenticator_data);
    input += attested.client_data_hash;
    const auto* certificates = statement.find("x5c");
    if (certificates == nullptr) {
        return algorithm_of(*algorithm) == attested.key.algorithm() &&
               is_signed(attested.key, input, *signature);
    }
    const auto certificate = signing_certificate(*certificates);
    if (!certificate || !certificate->is_for(attested.parsed.credential->aaguid)) return false;
    const auto key = certificate->key(algorithm_of(*algorithm));
    return key && is_signed(*key, input, *signature);
}

/// What such keys signed before there was WebAuthn: the point as they wrote it.  WebAuthn 3, 8.6
std::optional<std::string> u2f_point(const AttestedCredential& credential)
{
    const auto cose = read_cbor(credential.cose_key);
    if (!cose) return std::nullopt;
    std::string point = "\x04";
    for (const std::int64_t label : {-2, -3}) {
        const auto* number = cose->find(label);
        const auto bytes = number != nullptr ? number->bytes() : std::nullopt;
        if (!bytes) return std::nullopt;
        point += *bytes;
    }
    return point;
}

bool holds_u2f(const Cbor& statement, const Attested& attested)
{
    const auto* certificates = statement.find("x5c");
    const auto* said_signature = statement.find("sig");
    if (certificates == nullptr || said_signature == nullptr) return false;
    const auto signature = said_signature->bytes();
    const auto certificate = signing_certificate(*certificates);
    const bool alone = certificates->array() != nullptr && certificates->array()->size() == 1;
    if (!signature || !certificate || !alone) return false;
    if (attested.key.algorithm() != jose::Algorithm::es256) return false;
    const auto& credential = *attested.parsed.credential;
    if (credential.aaguid.find_first_not_of('\0') != std::string_view::npos) return false;
    const auto point = u2f_point(credential);
    const auto key = certificate->key(jose::Algorithm::es256);
    if (!point || !key) return false;

    std::string input(1, '\0');
    input += attested.parsed.rp_id_hash;
    input += attested.client_data_hash;
    input += credential.id;
    input += *point;
    return is_signed(*key, input, *signature);
}

} // namespace

bool is_attested(std::string_view format, const Cbor& statement, const Attested& attested)
{
    if (statement.map() == nullptr) return false;
    if (format == "none") return statement.map()->empty();
    if (format == "packed")
        return !enforced("passkeys.packed") || holds_packed(statement, attested);
    if (format == "fido-u2f") return !enforced("passkeys.u2f") || holds_u2f(statement, attested);
    return false;
}

} // namespace gatehouse::auth::passkeys
