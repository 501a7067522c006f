#include "tests/gateway/support/test_certificates.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>

#include <cassert>
#include <cstdint>
#include <memory>

namespace gatehouse::gateway::test {
namespace {

struct Free {
    void operator()(BIO* bio) const noexcept { BIO_free(bio); }

    void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }

    void operator()(X509* certificate) const noexcept { X509_free(certificate); }

    void operator()(X509_EXTENSION* extension) const noexcept { X509_EXTENSION_free(extension); }
};

using BioPtr = std::unique_ptr<BIO, Free>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Free>;
using CertificatePtr = std::unique_ptr<X509, Free>;

std::string text_of(BIO* bio)
{
    const char* data = nullptr;
    const auto size = BIO_get_mem_data(bio, &data);
    return {data, static_cast<std::size_t>(size)};
}

std::string pem_of(X509* certificate)
{
    const BioPtr bio(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509(bio.get(), certificate);
    return text_of(bio.get());
}

std::string pem_of(EVP_PKEY* key)
{
    const BioPtr bio(BIO_new(BIO_s_mem()));
    PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
    return text_of(bio.get());
}

BioPtr open(const std::string& text)
{
    return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

KeyPtr make_key(CertificateTerms::Key kind)
{
    switch (kind) {
    case CertificateTerms::Key::p256:
        return KeyPtr(EVP_EC_gen("P-256"));
    case CertificateTerms::Key::rsa_2048:
        return KeyPtr(EVP_RSA_gen(2048));
    case CertificateTerms::Key::rsa_1024:
        return KeyPtr(EVP_RSA_gen(1024));
    }
    return nullptr;
}

void add_extension(X509* certificate, int kind, const std::string& value)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    const std::unique_ptr<X509_EXTENSION, Free> extension(
        X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
    assert(extension);
    X509_add_ext(certificate, extension.get(), -1);
}

void name_it(X509_NAME* name, const std::string& common_name)
{
    const auto* text = reinterpret_cast<const unsigned char*>(common_name.data());
    X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8, text,
                               static_cast<int>(common_name.size()), -1, 0);
}

CertificatePtr begin(const CertificateTerms& terms, EVP_PKEY* key)
{
    CertificatePtr certificate(X509_new());
    auto* const raw = certificate.get();
    X509_set_version(raw, X509_VERSION_3);
    std::uint64_t serial = 0;
    RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial);
    ASN1_INTEGER_set_uint64(X509_get_serialNumber(raw), serial);
    X509_gmtime_adj(X509_getm_notBefore(raw), terms.begins_in.count());
    X509_gmtime_adj(X509_getm_notAfter(raw), terms.ends_in.count());
    X509_set_pubkey(raw, key);
    name_it(X509_get_subject_name(raw),
            terms.subject.empty() ? terms.names.front() : terms.subject);
    return certificate;
}

std::string alternative_names(const std::vector<std::string>& names)
{
    std::string all;
    for (const auto& name : names) {
        in6_addr ignored{};
        const bool ip = ::inet_pton(AF_INET, name.c_str(), &ignored) == 1 ||
                        ::inet_pton(AF_INET6, name.c_str(), &ignored) == 1;
        all.append(all.empty() ? "" : ",").append(ip ? "IP:" : "DNS:").append(name);
    }
    return all;
}

} // namespace

TestAuthority::TestAuthority(const std::string& name)
{
    const auto key = make_key(CertificateTerms::Key::p256);
    CertificateTerms terms;
    terms.subject = name;
    const auto certificate = begin(terms, key.get());
    X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate.get()));
    add_extension(certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
    add_extension(certificate.get(), NID_subject_key_identifier, "hash");
    X509_sign(certificate.get(), key.get(), EVP_sha256());
    own_ = {pem_of(certificate.get()), pem_of(key.get())};
}

TestCertificate TestAuthority::sign(const CertificateTerms& terms) const
{
    const auto own_text = open(own_.certificate);
    const auto key_text = open(own_.key);
    const CertificatePtr own(PEM_read_bio_X509(own_text.get(), nullptr, nullptr, nullptr));
    const KeyPtr own_key(PEM_read_bio_PrivateKey(key_text.get(), nullptr, nullptr, nullptr));
    const auto key = make_key(terms.key);
    const auto certificate = begin(terms, key.get());
    X509_set_issuer_name(certificate.get(), X509_get_subject_name(own.get()));
    if (!terms.names.empty()) {
        add_extension(certificate.get(), NID_subject_alt_name, alternative_names(terms.names));
    }
    X509_sign(certificate.get(), own_key.get(), EVP_sha256());
    return {pem_of(certificate.get()), pem_of(key.get())};
}

} // namespace gatehouse::gateway::test
