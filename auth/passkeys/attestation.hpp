#pragma once

#include "auth/passkeys/authenticator_data.hpp"
#include "auth/passkeys/cose_key.hpp"

#include <string_view>

namespace gatehouse::auth::passkeys {

/// What an attestation speaks about.
struct Attested {
    std::string_view authenticator_data; // as it came
    const AuthenticatorData& parsed;     // the same, with its credential
    std::string_view client_data_hash;
    const jose::Key& key; // of the credential
};

/// Whether the statement is whole and holds: `none`, `packed` (by the credential's own key, or by a
/// certificate of its maker) and `fido-u2f`. That a certificate holds says nothing of who made it:
/// no maker is asked for, so none is trusted. Other formats hold never.
/// WebAuthn 3, 8.2, 8.6 and 8.7
[[nodiscard]] bool is_attested(std::string_view format, const Cbor& statement,
                               const Attested& attested);

} // namespace gatehouse::auth::passkeys
