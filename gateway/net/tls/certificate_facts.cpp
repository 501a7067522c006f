#include "gateway/net/tls/certificate_facts.hpp"

#include <fmt/format.h>
#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>

#include <array>
#include <ctime>
#include <memory>

namespace gatehouse::gateway {
namespace {

struct FreeNames {
    void operator()(GENERAL_NAMES* names) const noexcept { GENERAL_NAMES_free(names); }
};

std::string text_of(const ASN1_STRING* string)
{
    return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
            static_cast<std::size_t>(ASN1_STRING_length(string))};
}

std::string address_of(const ASN1_STRING* string)
{
    std::array<char, INET6_ADDRSTRLEN> text{};
    const int family = ASN1_STRING_length(string) == 4 ? AF_INET : AF_INET6;
    if (::inet_ntop(family, ASN1_STRING_get0_data(string), text.data(), text.size()) == nullptr)
        return {};
    return text.data();
}

std::string lower(std::string text)
{
    for (auto& c : text) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return text;
}

std::int64_t seconds(const ASN1_TIME* time)
{
    std::tm parts{};
    return ASN1_TIME_to_tm(time, &parts) == 1 ? ::timegm(&parts) : 0;
}

} // namespace

std::vector<std::string> names_of(const X509& certificate)
{
    const std::unique_ptr<GENERAL_NAMES, FreeNames> all(static_cast<GENERAL_NAMES*>(
        X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)));
    std::vector<std::string> names;
    for (int i = 0; all && i < sk_GENERAL_NAME_num(all.get()); ++i) {
        const auto* name = sk_GENERAL_NAME_value(all.get(), i);
        int kind = 0;
        const auto* value = static_cast<const ASN1_STRING*>(GENERAL_NAME_get0_value(name, &kind));
        if (kind == GEN_DNS) names.push_back(lower(text_of(value)));
        if (kind == GEN_IPADD) names.push_back(address_of(value));
    }
    ERR_clear_error();
    return names;
}

std::string key_type_of(const X509& certificate)
{
    const auto* const key = X509_get0_pubkey(&certificate);
    if (key == nullptr) return "unknown";
    return fmt::format("{} {}",
                       EVP_PKEY_is_a(key, "EC") == 1 ? "ECDSA" : EVP_PKEY_get0_type_name(key),
                       EVP_PKEY_get_bits(key));
}

std::int64_t begin_of(const X509& certificate)
{
    return seconds(X509_get0_notBefore(&certificate));
}

std::int64_t end_of(const X509& certificate)
{
    return seconds(X509_get0_notAfter(&certificate));
}

} // namespace gatehouse::gateway
