#pragma once

#include "auth/passkeys/cose_key.hpp"
#include "config/basics/result.hpp"

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::auth::passkeys {

/// Why what an authenticator answered is refused. A client learns none of it; the log has the word.
enum class CeremonyError {
    malformed,       // no such JSON or CBOR, or a part is missing
    wrong_type,      // made for the other ceremony
    wrong_challenge, // not the one that was given out
    wrong_origin,    // a page of another origin, or one inside another's frame
    wrong_party,     // for another relying party
    user_absent,     // nobody touched it
    user_unverified, // nobody proved to it who they are, and that is asked for
    wrong_algorithm, // a key of a kind that was not offered
    bad_key,         // no key, or one that must not be used
    bad_attestation, // of a format that is not taken, or it does not hold
    bad_signature,
    wrong_user,     // the credential belongs to somebody else
    backup_changed, // said at first that it can, or cannot, be backed up; and now the contrary
    cloned          // its count did not grow: another holds the same key
};

[[nodiscard]] std::string_view to_string(CeremonyError error) noexcept;
std::ostream& operator<<(std::ostream& out, CeremonyError error);

/// Whether an authenticator has to make sure who its user is (a PIN, a finger).
enum class UserVerification { required, preferred, discouraged };

/// What is expected of an answer, whatever the ceremony.
struct Expected {
    std::string challenge;            // the bytes that were given out
    std::string rp_id;                // a domain: `example.com`
    std::vector<std::string> origins; // such as `https://login.example.com`, exactly
    UserVerification user_verification = UserVerification::preferred;
};

/// What the browser gives back when a credential is made. Bytes, no longer base64url.
struct RegistrationResponse {
    std::string_view client_data; // JSON
    std::string_view attestation_object;
};

/// A credential that was made; it counts once it is kept.
struct NewCredential {
    std::string id;
    std::string cose_key;
    CoseAlgorithm algorithm{};
    std::string aaguid; // 16 bytes
    std::uint32_t sign_count = 0;
    bool user_verified = false;
    bool backup_eligible = false;
    bool backed_up = false;
    std::string attestation; // its format: none, packed, fido-u2f
};

/// Judges a registration. Pure: no clock, no store; whoever calls has taken the challenge out of
/// use before, and sees to it that no two credentials have one id.  WebAuthn 3, 7.1
[[nodiscard]] Result<NewCredential, CeremonyError>
judge_registration(const RegistrationResponse& response, const Expected& expected,
                   const std::vector<CoseAlgorithm>& offered);

/// What the browser gives back when a credential is used. Bytes, no longer base64url.
struct AssertionResponse {
    std::string_view client_data; // JSON
    std::string_view authenticator_data;
    std::string_view signature;
    std::optional<std::string_view> user_handle; // whose the authenticator says it is
};

/// What is kept of the credential that was used.
struct KnownCredential {
    std::string_view cose_key;
    std::string_view user_handle; // of its owner
    std::uint32_t sign_count = 0;
    bool backup_eligible = false;
};

/// What is to be kept of its use.
struct UsedCredential {
    std::uint32_t sign_count = 0;
    bool user_verified = false;
    bool backed_up = false;
};

/// Judges the use of a credential. Pure, as above.  WebAuthn 3, 7.2
[[nodiscard]] Result<UsedCredential, CeremonyError>
judge_assertion(const AssertionResponse& response, const Expected& expected,
                const KnownCredential& known);

} // namespace gatehouse::auth::passkeys
