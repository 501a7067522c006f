#include "auth/passkeys/ceremony.hpp"

#include "auth/passkeys/attestation.hpp"
#include "auth/passkeys/client_data.hpp"
#include "config/basics/enforced.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>

namespace gatehouse::auth::passkeys {
namespace {

std::string sha256(std::string_view bytes)
{
    std::string digest(crypto_hash_sha256_BYTES, '\0');
    ::crypto_hash_sha256(reinterpret_cast<unsigned char*>(digest.data()),
                         reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    return digest;
}

/// For whom, and with whom in front of it.
Result<void, CeremonyError> judge_authenticator(const AuthenticatorData& data,
                                                const Expected& expected)
{
    if (enforced("passkeys.rp_id") && data.rp_id_hash != sha256(expected.rp_id)) {
        return CeremonyError::wrong_party;
    }
    if (enforced("passkeys.user_present") && !data.user_present) return CeremonyError::user_absent;
    const bool wanted = expected.user_verification == UserVerification::required;
    if (enforced("passkeys.user_verified") && wanted && !data.user_verified) {
        return CeremonyError::user_unverified;
    }
    return {};
}

bool is_offered(const jose::Key& key, const std::vector<CoseAlgorithm>& offered)
{
    return std::ranges::any_of(offered, [&key](CoseAlgorithm algorithm) {
        return algorithm_of(algorithm) == key.algorithm();
    });
}

CoseAlgorithm cose_algorithm_of(const jose::Key& key)
{
    if (key.algorithm() == jose::Algorithm::es256) return CoseAlgorithm::es256;
    if (key.algorithm() == jose::Algorithm::eddsa) return CoseAlgorithm::eddsa;
    return CoseAlgorithm::rs256;
}

/// An attestation object, taken apart.
struct AttestationObject {
    std::string_view format;
    std::string_view authenticator_data;
    const Cbor* statement = nullptr;
};

std::optional<AttestationObject> taken_apart(const Cbor& object)
{
    const auto* format = object.find("fmt");
    const auto* data = object.find("authData");
    const auto* statement = object.find("attStmt");
    if (format == nullptr || data == nullptr || statement == nullptr) return std::nullopt;
    const auto format_text = format->text();
    const auto data_bytes = data->bytes();
    if (!format_text || !data_bytes) return std::nullopt;
    return AttestationObject{*format_text, *data_bytes, statement};
}

/// Where one of the two counts, it has to grow: 0 is one that does not count.
bool has_grown(std::uint32_t before, std::uint32_t now) noexcept
{
    return (before == 0 && now == 0) || now > before;
}

} // namespace

std::string_view to_string(CeremonyError error) noexcept
{
    switch (error) {
    case CeremonyError::malformed:
        return "malformed";
    case CeremonyError::wrong_type:
        return "wrong_type";
    case CeremonyError::wrong_challenge:
        return "wrong_challenge";
    case CeremonyError::wrong_origin:
        return "wrong_origin";
    case CeremonyError::wrong_party:
        return "wrong_party";
    case CeremonyError::user_absent:
        return "user_absent";
    case CeremonyError::user_unverified:
        return "user_unverified";
    case CeremonyError::wrong_algorithm:
        return "wrong_algorithm";
    case CeremonyError::bad_key:
        return "bad_key";
    case CeremonyError::bad_attestation:
        return "bad_attestation";
    case CeremonyError::bad_signature:
        return "bad_signature";
    case CeremonyError::wrong_user:
        return "wrong_user";
    case CeremonyError::backup_changed:
        return "backup_changed";
    case CeremonyError::cloned:
        return "cloned";
    }
    return "?";
}

std::ostream& operator<<(std::ostream& out, CeremonyError error)
{
    return out << to_string(error);
}

Result<NewCredential, CeremonyError> judge_registration(const RegistrationResponse& response,
                                                        const Expected& expected,
                                                        const std::vector<CoseAlgorithm>& offered)
{
    const auto page = judge_client_data(response.client_data, "webauthn.create", expected);
    if (!page) return page.error();
    const auto object = read_cbor(response.attestation_object);
    if (!object) return CeremonyError::malformed;
    const auto parts = taken_apart(*object);
    const auto data = parts ? read_authenticator_data(parts->authenticator_data) : std::nullopt;
    if (!data || !data->credential) return CeremonyError::malformed;
    if (const auto judged = judge_authenticator(*data, expected); !judged) return judged.error();

    const auto key = read_cose_key(data->credential->cose_key);
    if (!key) return CeremonyError::bad_key;
    if (enforced("passkeys.algorithm") && !is_offered(**key, offered)) {
        return CeremonyError::wrong_algorithm;
    }
    const auto hash = sha256(response.client_data);
    const Attested attested{parts->authenticator_data, *data, hash, **key};
    if (!is_attested(parts->format, *parts->statement, attested)) {
        return CeremonyError::bad_attestation;
    }
    NewCredential made;
    made.id = data->credential->id;
    made.cose_key = data->credential->cose_key;
    made.algorithm = cose_algorithm_of(**key);
    made.aaguid = data->credential->aaguid;
    made.sign_count = data->sign_count;
    made.user_verified = data->user_verified;
    made.backup_eligible = data->backup_eligible;
    made.backed_up = data->backed_up;
    made.attestation = parts->format;
    return made;
}

Result<UsedCredential, CeremonyError> judge_assertion(const AssertionResponse& response,
                                                      const Expected& expected,
                                                      const KnownCredential& known)
{
    const auto& handle = response.user_handle;
    if (enforced("passkeys.user_handle") && handle && *handle != known.user_handle) {
        return CeremonyError::wrong_user;
    }
    const auto page = judge_client_data(response.client_data, "webauthn.get", expected);
    if (!page) return page.error();
    const auto data = read_authenticator_data(response.authenticator_data);
    if (!data) return CeremonyError::malformed;
    if (const auto judged = judge_authenticator(*data, expected); !judged) return judged.error();

    const auto key = read_cose_key(known.cose_key);
    if (!key) return CeremonyError::bad_key;
    std::string input(response.authenticator_data);
    input += sha256(response.client_data);
    if (enforced("passkeys.signature") && !is_signed(**key, input, response.signature)) {
        return CeremonyError::bad_signature;
    }
    if (enforced("passkeys.backup_eligible") && data->backup_eligible != known.backup_eligible) {
        return CeremonyError::backup_changed;
    }
    if (enforced("passkeys.sign_count") && !has_grown(known.sign_count, data->sign_count)) {
        return CeremonyError::cloned;
    }
    return UsedCredential{data->sign_count, data->user_verified, data->backed_up};
}

} // namespace gatehouse::auth::passkeys
