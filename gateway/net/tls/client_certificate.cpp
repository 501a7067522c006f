#include "gateway/net/tls/client_certificate.hpp"

#include "config/basics/enforced.hpp"
#include "gateway/net/tls/certificate_facts.hpp"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>
#include <utility>

namespace gatehouse::gateway {
namespace {

constexpr std::size_t longest_text = 4096;
constexpr int most_names = 100;

struct Free {
    void operator()(GENERAL_NAMES* names) const noexcept { GENERAL_NAMES_free(names); }

    void operator()(BIO* bio) const noexcept { BIO_free(bio); }

    void operator()(BIGNUM* number) const noexcept { BN_free(number); }

    void operator()(char* text) const noexcept { OPENSSL_free(text); }
};

bool is_printable(std::string_view text) noexcept
{
    if (!enforced("certificate.printable")) return true;
    return std::ranges::all_of(text, [](char c) { return c >= ' ' && c < '\x7f'; });
}

/// The last name stands first; each byte that is no printable ASCII, and each that would mean
/// something else, is escaped.
std::string text_of(const X509_NAME* name)
{
    const std::unique_ptr<BIO, Free> out(BIO_new(BIO_s_mem()));
    if (!out || name == nullptr) return {};
    if (X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253) < 0) return {};
    char* text = nullptr;
    const auto bytes = BIO_get_mem_data(out.get(), &text);
    if (bytes <= 0) return {};
    const std::string_view all(text, static_cast<std::size_t>(bytes));
    if (enforced("certificate.longest_name") && all.size() > longest_text) return {};
    return is_printable(all) ? std::string(all) : std::string();
}

std::string serial_of(const X509& certificate)
{
    constexpr std::size_t longest = 40; // 20 bytes: RFC 5280, 4.1.2.2
    const std::unique_ptr<BIGNUM, Free> number(
        ASN1_INTEGER_to_BN(X509_get0_serialNumber(&certificate), nullptr));
    const std::unique_ptr<char, Free> digits(number ? BN_bn2hex(number.get()) : nullptr);
    std::string text(digits ? digits.get() : "");
    return text.size() <= longest ? text : std::string();
}

std::string fingerprint_of(const X509& certificate)
{
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int bytes = 0;
    if (X509_digest(&certificate, EVP_sha256(), digest.data(), &bytes) != 1) return {};
    std::string text;
    for (unsigned int i = 0; i < bytes; ++i) {
        text += "0123456789abcdef"[digest[i] >> 4U];
        text += "0123456789abcdef"[digest[i] & 0xfU];
    }
    return text;
}

/// The alternative names of one kind; none at all where one of them cannot be said, or there are
/// too many: a list that lacks some would be another certificate's.
class Names {
public:
    void add(const ASN1_STRING& value)
    {
        const std::string_view text(reinterpret_cast<const char*>(ASN1_STRING_get0_data(&value)),
                                    static_cast<std::size_t>(ASN1_STRING_length(&value)));
        bytes_ += text.size();
        const bool fits = !text.empty() && is_printable(text) && bytes_ <= longest_text;
        whole_ = whole_ && (fits || !enforced("certificate.whole_lists"));
        if (whole_) list_.emplace_back(text);
    }

    [[nodiscard]] std::vector<std::string> take() &&
    {
        return whole_ ? std::move(list_) : std::vector<std::string>{};
    }

private:
    std::vector<std::string> list_;
    std::size_t bytes_ = 0;
    bool whole_ = true;
};

void take_names(const X509& certificate, ClientCertificate& into)
{
    const std::unique_ptr<GENERAL_NAMES, Free> all(static_cast<GENERAL_NAMES*>(
        X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)));
    const int count = all ? sk_GENERAL_NAME_num(all.get()) : 0;
    if (count > most_names) return;
    Names dns;
    Names uri;
    Names email;
    for (int i = 0; i < count; ++i) {
        int kind = 0;
        const auto* value = static_cast<const ASN1_STRING*>(
            GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(all.get(), i), &kind));
        if (kind == GEN_DNS) dns.add(*value);
        if (kind == GEN_URI) uri.add(*value);
        if (kind == GEN_EMAIL) email.add(*value);
    }
    into.dns = std::move(dns).take();
    into.uri = std::move(uri).take();
    into.email = std::move(email).take();
    for (auto& name : into.dns) {
        std::ranges::transform(name, name.begin(), [](char c) {
            return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        });
    }
}

} // namespace

bool ClientCertificate::is_good_at(std::int64_t now) const noexcept
{
    return (begins <= now && now < ends) || !enforced("certificate.time");
}

std::optional<ClientCertificate> describe_certificate(const X509& certificate)
{
    ClientCertificate told;
    told.fingerprint = fingerprint_of(certificate);
    told.subject = text_of(X509_get_subject_name(&certificate));
    told.issuer = text_of(X509_get_issuer_name(&certificate));
    told.serial = serial_of(certificate);
    told.begins = begin_of(certificate);
    told.ends = end_of(certificate);
    take_names(certificate, told);
    ERR_clear_error();
    if (told.fingerprint.empty()) return std::nullopt;
    return told;
}

} // namespace gatehouse::gateway
