#include "gateway/upstream/upstream_tls.hpp"

#include "config/basics/enforced.hpp"
#include "gateway/net/tls/key_pair.hpp"
#include "gateway/net/tls/tls_context.hpp"
#include "gateway/upstream/tls_sessions.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>

#include <array>
#include <string_view>
#include <utility>

namespace gatehouse::gateway {
namespace {

/// A digest of texts, none of which can be taken for a part of its neighbour.
class Digest {
public:
    Digest() : state_(EVP_MD_CTX_new())
    {
        good_ = state_ && EVP_DigestInit_ex(state_.get(), EVP_sha256(), nullptr) == 1;
    }

    void add(std::string_view text)
    {
        const auto size = fmt::format("{}:", text.size());
        good_ = good_ && EVP_DigestUpdate(state_.get(), size.data(), size.size()) == 1 &&
                EVP_DigestUpdate(state_.get(), text.data(), text.size()) == 1;
    }

    /// Empty without memory.
    [[nodiscard]] std::string text()
    {
        std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
        unsigned int size = 0;
        if (!good_ || EVP_DigestFinal_ex(state_.get(), bytes.data(), &size) != 1) return {};
        std::string text;
        for (unsigned int i = 0; i < size; ++i) text += fmt::format("{:02x}", bytes[i]);
        return text;
    }

private:
    struct Free {
        void operator()(EVP_MD_CTX* state) const noexcept { EVP_MD_CTX_free(state); }
    };

    std::unique_ptr<EVP_MD_CTX, Free> state_;
    bool good_ = false;
};

std::string digest_of(const config::UpstreamTlsSettings& settings, std::string_view authorities)
{
    Digest digest;
    digest.add(settings.verify ? "verified" : "");
    digest.add(word_for(settings.min_version));
    digest.add(authorities);
    digest.add(settings.certificate_pem);
    digest.add(settings.key_pem.reveal());
    return digest.text();
}

TlsClientTerms terms_of(const config::UpstreamTlsSettings& settings, const std::string& authorities)
{
    TlsClientTerms terms;
    terms.authorities = authorities;
    terms.verify = settings.verify;
    terms.oldest =
        settings.min_version == config::TlsMinVersion::v1_3 ? TlsVersion::v1_3 : TlsVersion::v1_2;
    return terms;
}

} // namespace

UpstreamTls::UpstreamTls(SslContextPtr context, std::string terms) noexcept
    : context_(std::move(context)),
      terms_(std::move(terms))
{
}

Result<std::shared_ptr<const UpstreamTls>, std::string>
make_upstream_tls(const config::UpstreamTlsSettings& settings, const std::string* system,
                  UpstreamTlsBook& book)
{
    const bool by_system = settings.verify && settings.ca.empty() && settings.ca_pem.empty();
    const auto& authorities = by_system && system != nullptr ? *system : settings.ca_pem;
    // A file with nothing in it must not come to mean what no file means.
    const bool named = by_system ? system != nullptr : settings.verify;
    if (enforced("upstream.tls_empty_file") && named && authorities.empty())
        return std::string("nobody is trusted: the file of authorities is empty");
    auto digest = digest_of(settings, authorities);
    if (digest.empty()) return std::string("OpenSSL computes no SHA-256");
    auto& known = book[digest];
    if (known) return known;
    auto terms = terms_of(settings, authorities);
    if (!settings.certificate.empty() || !settings.certificate_pem.empty()) {
        auto pair = KeyPair::read(settings.certificate_pem, settings.key_pem.reveal());
        if (!pair) return pair.error();
        terms.key_pair = *std::move(pair);
    }
    auto context = make_client_context(terms);
    if (!context) return context.error();
    TlsSessions::collect_from(**context);
    known = std::make_shared<const UpstreamTls>(*std::move(context), std::move(digest));
    return known;
}

} // namespace gatehouse::gateway
