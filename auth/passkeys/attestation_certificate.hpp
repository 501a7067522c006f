#pragma once

#include "auth/jose/key.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct x509_st;

namespace gatehouse::auth::passkeys {

/// A certificate that the maker of an authenticator put into it.
class AttestationCertificate {
public:
    /// From DER, to its last byte.
    [[nodiscard]] static std::optional<AttestationCertificate> read(std::string_view der);

    /// Its key, where it is one for the algorithm.
    [[nodiscard]] jose::Key::Pointer key(jose::Algorithm algorithm) const;

    /// What a certificate for `packed` has to be: version 3, of "Authenticator Attestation" with a
    /// country, an organisation and a name, no authority; and where it names a model, of this one.
    /// WebAuthn 3, 8.2.1
    [[nodiscard]] bool is_for(std::string_view aaguid) const;

private:
    struct Deleter {
        void operator()(x509_st* certificate) const noexcept;
    };

    explicit AttestationCertificate(x509_st* certificate) : certificate_(certificate) {}

    [[nodiscard]] bool has_subject() const;
    [[nodiscard]] bool is_authority() const;
    /// The model it names in its extension; nothing: none.
    [[nodiscard]] bool names_other_model(std::string_view aaguid) const;

    std::unique_ptr<x509_st, Deleter> certificate_;
};

} // namespace gatehouse::auth::passkeys
