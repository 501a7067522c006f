#include "auth/passkeys/attestation_certificate.hpp"

#include "config/basics/enforced.hpp"

#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <utility>

namespace gatehouse::auth::passkeys {
namespace {

constexpr long version_3 = 2;                               // counted from 0
constexpr auto model_extension = "1.3.6.1.4.1.45724.1.1.4"; // id-fido-gen-ce-aaguid
constexpr std::string_view model_prefix("\x04\x10", 2);     // an OCTET STRING of 16 bytes

struct ObjectDeleter {
    void operator()(ASN1_OBJECT* object) const noexcept { ASN1_OBJECT_free(object); }
};

using Object = std::unique_ptr<ASN1_OBJECT, ObjectDeleter>;

std::string_view content_of(const ASN1_STRING* string) noexcept
{
    return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
            static_cast<std::size_t>(ASN1_STRING_length(string))};
}

/// The one value of that kind in a name; empty where there is none, or more than one.
std::string_view part_of(X509_NAME* name, int kind)
{
    const int at = X509_NAME_get_index_by_NID(name, kind, -1);
    if (at < 0 || X509_NAME_get_index_by_NID(name, kind, at) >= 0) return {};
    return content_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
}

} // namespace

void AttestationCertificate::Deleter::operator()(x509_st* certificate) const noexcept
{
    X509_free(certificate);
}

std::optional<AttestationCertificate> AttestationCertificate::read(std::string_view der)
{
    const auto* in = reinterpret_cast<const unsigned char*>(der.data());
    const auto* const end = in + der.size();
    AttestationCertificate certificate(d2i_X509(nullptr, &in, static_cast<long>(der.size())));
    ERR_clear_error();
    if (!certificate.certificate_ || in != end) return std::nullopt;
    return certificate;
}

jose::Key::Pointer AttestationCertificate::key(jose::Algorithm algorithm) const
{
    jose::Pkey pkey(X509_get_pubkey(certificate_.get()));
    ERR_clear_error();
    if (!pkey) return nullptr;
    auto key = jose::Key::from_public(algorithm, std::move(pkey));
    return key ? *std::move(key) : nullptr;
}

bool AttestationCertificate::is_for(std::string_view aaguid) const
{
    if (X509_get_version(certificate_.get()) != version_3) return false;
    if (enforced("passkeys.certificate_subject") && !has_subject()) return false;
    if (enforced("passkeys.certificate_authority") && is_authority()) return false;
    return !enforced("passkeys.certificate_model") || !names_other_model(aaguid);
}

bool AttestationCertificate::has_subject() const
{
    auto* subject = X509_get_subject_name(certificate_.get());
    return part_of(subject, NID_countryName).size() == 2 &&
           !part_of(subject, NID_organizationName).empty() &&
           part_of(subject, NID_organizationalUnitName) == "Authenticator Attestation" &&
           !part_of(subject, NID_commonName).empty();
}

bool AttestationCertificate::is_authority() const
{
    // 0 stands for none; what cannot be read stands for one.
    const bool authority = X509_check_ca(certificate_.get()) == 1;
    const bool unreadable = (X509_get_extension_flags(certificate_.get()) & EXFLAG_INVALID) != 0;
    const bool constrained = (X509_get_extension_flags(certificate_.get()) & EXFLAG_BCONS) != 0;
    ERR_clear_error();
    return authority || unreadable || !constrained;
}

bool AttestationCertificate::names_other_model(std::string_view aaguid) const
{
    const Object kind(OBJ_txt2obj(model_extension, 1));
    const int at = X509_get_ext_by_OBJ(certificate_.get(), kind.get(), -1);
    if (at < 0) return false;
    auto* extension = X509_get_ext(certificate_.get(), at);
    const auto content = content_of(X509_EXTENSION_get_data(extension));
    return X509_EXTENSION_get_critical(extension) == 1 || !content.starts_with(model_prefix) ||
           content.substr(model_prefix.size()) != aaguid;
}

} // namespace gatehouse::auth::passkeys
