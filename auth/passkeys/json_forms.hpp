#pragma once

#include "auth/json/value.hpp"
#include "auth/passkeys/ceremony.hpp"
#include "auth/passkeys/passkey.hpp"

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::auth::passkeys {

// What browsers' toJSON() writes and their parse...OptionsFromJSON() read.  WebAuthn 3, 5.1

/// RegistrationResponseJSON, decoded.
struct MadeCredential {
    std::string id;
    std::string client_data;
    std::string attestation_object;
    std::vector<std::string> transports; // those that are known words
};

/// Members that are of no use here are not looked at. Nothing: it is no such answer.
[[nodiscard]] std::optional<MadeCredential> read_made_credential(const json::Value& json);

/// AuthenticationResponseJSON, decoded.
struct ShownCredential {
    std::string id;
    std::string client_data;
    std::string authenticator_data;
    std::string signature;
    std::optional<std::string> user_handle;
};

[[nodiscard]] std::optional<ShownCredential> read_shown_credential(const json::Value& json);

/// A credential, as options name it.
struct CredentialName {
    std::string id;
    std::vector<std::string> transports;
};

/// PublicKeyCredentialCreationOptionsJSON.
struct CreationOptions {
    std::string rp_id;
    std::string rp_name;
    std::string user_handle;
    std::string user_name;
    std::string challenge;
    std::chrono::milliseconds timeout{};
    std::vector<CredentialName> exclude;
    std::string_view resident_key;
    std::string_view user_verification;
};

[[nodiscard]] std::string to_json(const CreationOptions& options);

/// PublicKeyCredentialRequestOptionsJSON.
struct RequestOptions {
    std::string rp_id;
    std::string challenge;
    std::chrono::milliseconds timeout{};
    std::vector<CredentialName> allow; // empty: any that knows its account
    std::string_view user_verification;
};

[[nodiscard]] std::string to_json(const RequestOptions& options);

/// What is offered to authenticators, the one we like best first.
[[nodiscard]] const std::vector<CoseAlgorithm>& offered_algorithms();

} // namespace gatehouse::auth::passkeys
