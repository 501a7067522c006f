#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace gatehouse::auth::passkeys {

/// A credential as its authenticator tells of it when it is made.  WebAuthn 3, 6.5.1
struct AttestedCredential {
    std::string_view aaguid;   // 16 bytes: the model of the authenticator, or zeros
    std::string_view id;       // 1 to 1023 bytes
    std::string_view cose_key; // the public key, as CBOR
};

/// What an authenticator signs: where, how, and how often.  WebAuthn 3, 6.1
struct AuthenticatorData {
    std::string_view rp_id_hash; // 32 bytes: SHA-256 of the relying party's id
    bool user_present = false;
    bool user_verified = false;
    bool backup_eligible = false;
    bool backed_up = false;
    std::uint32_t sign_count = 0; // 0: it does not count
    std::optional<AttestedCredential> credential;
};

/// Reads it; what it returns points into `bytes`. Nothing where a part is missing, cut off or too
/// long, bytes are left over, or a credential is backed up that never can be.
[[nodiscard]] std::optional<AuthenticatorData> read_authenticator_data(std::string_view bytes);

} // namespace gatehouse::auth::passkeys
