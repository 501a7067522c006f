#include "gateway/net/tls/tls_server.hpp"

#include "config/basics/enforced.hpp"
#include "gateway/net/tls/certificate_facts.hpp"
#include "gateway/net/tls/client_terms.hpp"
#include "gateway/net/tls/context_data.hpp"
#include "gateway/net/tls/tls_context.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <ctime>
#include <map>
#include <string_view>
#include <utility>

namespace gatehouse::gateway {
namespace {

using config::ListenTlsSettings;

/// The context for each name that has one of its own.
class ByName {
public:
    void add(std::string name, SSL_CTX* context)
    {
        contexts_.emplace(std::move(name), share_context(context));
    }

    /// Null: the first certificate has to do. RFC 6066, 3: names are compared without case.
    [[nodiscard]] SSL_CTX* find(std::string_view asked) const
    {
        std::string name(asked);
        for (auto& c : name) {
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        }
        if (const auto exact = contexts_.find(name); exact != contexts_.end())
            return exact->second.get();
        const auto dot = name.find('.');
        if (dot == name.npos) return nullptr;
        const auto wild = contexts_.find("*" + name.substr(dot));
        return wild == contexts_.end() ? nullptr : wild->second.get();
    }

private:
    std::map<std::string, SslContextPtr, std::less<>> contexts_;
};

constexpr std::size_t longest_name = 255; // RFC 1035, 2.3.4

int choose_certificate(SSL* ssl, int*, void*)
{
    const auto* const by_name = ContextData<ByName>::of(SSL_get_SSL_CTX(ssl));
    const char* const asked = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    if (by_name == nullptr || asked == nullptr) return SSL_TLSEXT_ERR_NOACK;
    const std::string_view name(asked);
    try {
        auto* const context = name.size() > longest_name ? nullptr : by_name->find(name);
        if (context != nullptr) SSL_set_SSL_CTX(ssl, context);
    } catch (const std::bad_alloc&) { // with the first certificate, then
        return SSL_TLSEXT_ERR_NOACK;
    }
    return SSL_TLSEXT_ERR_OK;
}

/// Nobody verifies the certificate in a ticket again, and each conversation brings new tickets: a
/// certificate that has expired would be good for ever.
SSL_TICKET_RETURN judge_ticket(SSL*, SSL_SESSION* session, const unsigned char*, std::size_t,
                               SSL_TICKET_STATUS status, void*)
{
    const bool renew = status == SSL_TICKET_SUCCESS_RENEW;
    if (status == SSL_TICKET_EMPTY || status == SSL_TICKET_NO_DECRYPT)
        return SSL_TICKET_RETURN_IGNORE_RENEW;
    if (status != SSL_TICKET_SUCCESS && !renew) return SSL_TICKET_RETURN_ABORT;
    const auto* const certificate = SSL_SESSION_get0_peer(session);
    const bool is_over = certificate != nullptr && end_of(*certificate) <= std::time(nullptr);
    if (enforced("tls.expired_ticket") && is_over) return SSL_TICKET_RETURN_IGNORE_RENEW;
    return renew ? SSL_TICKET_RETURN_USE_RENEW : SSL_TICKET_RETURN_USE;
}

/// Which certificates serve a name: of each kind of key the first. By their numbers.
using Choice = std::vector<std::size_t>;

class Builder {
public:
    Builder(const ListenTlsSettings& terms, const std::string& listener,
            std::shared_ptr<TicketKeys> tickets)
        : terms_(terms),
          tickets_(std::move(tickets)),
          asked_(asked_by(terms, listener))
    {
    }

    [[nodiscard]] Result<TlsServer, TlsProblem> build()
    {
        for (std::size_t i = 0; i < terms_.pairs.size(); ++i) {
            if (auto problem = read_pair(i); !problem) return problem.error();
        }
        if (auto problem = read_authorities(); !problem) return problem.error();
        std::map<std::string, Choice> choices;
        for (std::size_t i = 0; i < pairs_.size(); ++i) {
            for (const auto& name : certificates_[i].names) take(i, choices[name]);
        }
        Choice usual{0};
        if (!certificates_[0].names.empty()) usual = choices[certificates_[0].names.front()];
        if (std::ranges::find(usual, std::size_t{0}) == usual.end()) usual = {0};
        auto first = context_for(usual);
        if (!first) return first.error();
        auto by_name = std::make_shared<ByName>();
        for (const auto& [name, choice] : choices) {
            auto context = context_for(choice);
            if (!context) return context.error();
            if (*context != *first) by_name->add(name, *context);
        }
        SSL_CTX_set_tlsext_servername_callback(*first, &choose_certificate);
        ContextData<ByName>::give(**first, std::move(by_name));
        TlsServer server;
        server.context = share_context(*first);
        server.certificates = std::move(certificates_);
        return server;
    }

private:
    /// What a session resumed here may rest on, and a conversation that goes on.
    static std::shared_ptr<const ClientTerms> asked_by(const ListenTlsSettings& terms,
                                                       const std::string& listener)
    {
        auto asked = std::make_shared<ClientTerms>();
        asked->listener = listener;
        std::string text = listener;
        if (const auto& clients = terms.client_certificates) {
            asked->asks = true;
            asked->requires_one = clients->mode == config::ClientCertificateMode::required;
            text += '\n' + std::string(config::word_for(clients->mode)) + '\n' + clients->ca_pem;
        }
        unsigned int bytes = 0;
        EVP_Digest(text.data(), text.size(), asked->digest.data(), &bytes, EVP_sha256(), nullptr);
        return asked;
    }

    [[nodiscard]] std::string key_of(std::size_t number) const
    {
        const std::size_t own = terms_.certificate.empty() ? 0 : 1;
        return number < own ? "" : fmt::format("certificates[{}]", number - own);
    }

    [[nodiscard]] Result<void, TlsProblem> read_pair(std::size_t number)
    {
        const auto& named = terms_.pairs[number];
        auto pair = KeyPair::read(named.chain_pem, named.key_pem.reveal());
        if (!pair) {
            return TlsProblem(key_of(number), fmt::format("{} with {}: {}", named.certificate,
                                                          named.key, pair.error()));
        }
        auto& leaf = pair->certificate();
        certificates_.push_back(
            {named.certificate, names_of(leaf), key_type_of(leaf), begin_of(leaf), end_of(leaf)});
        pairs_.push_back(*std::move(pair));
        return {};
    }

    [[nodiscard]] Result<void, TlsProblem> read_authorities()
    {
        const auto& clients = terms_.client_certificates;
        if (!clients) return {};
        auto read = read_certificates(clients->ca_pem);
        if (!read) return TlsProblem("client_certificates.ca", clients->ca + ": " + read.error());
        authorities_ = *std::move(read);
        return {};
    }

    void take(std::size_t number, Choice& into) const
    {
        const auto kind = [&](std::size_t i) {
            return EVP_PKEY_get_base_id(X509_get0_pubkey(&pairs_[i].certificate()));
        };
        const bool has_one = std::ranges::any_of(
            into, [&](std::size_t other) { return kind(other) == kind(number); });
        if (!has_one) into.push_back(number);
    }

    [[nodiscard]] Result<SSL_CTX*, TlsProblem> context_for(const Choice& choice)
    {
        auto& known = contexts_[choice];
        if (known) return known.get();
        auto context = make_server_context(terms_.min_version == config::TlsMinVersion::v1_3
                                               ? TlsVersion::v1_3
                                               : TlsVersion::v1_2);
        if (!context) return TlsProblem("", "TLS cannot be used: " + take_openssl_reason());
        for (const auto number : choice) {
            const auto installed = pairs_[number].install(*context);
            if (!installed) {
                return TlsProblem(key_of(number), fmt::format("{}: {}", certificates_[number].file,
                                                              installed.error()));
            }
        }
        ask_clients(*context);
        SSL_CTX_set_session_id_context(context.get(), asked_->digest.data(),
                                       static_cast<unsigned>(asked_->digest.size()));
        give_client_terms(*context, asked_);
        if (tickets_) use_ticket_keys(*context, tickets_);
        known = std::move(context);
        return known.get();
    }

    void ask_clients(SSL_CTX& context) const
    {
        const auto& clients = terms_.client_certificates;
        if (!clients) return;
        int mode = SSL_VERIFY_PEER;
        if (enforced("tls.client_certificate_required") && asked_->requires_one)
            mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
        SSL_CTX_set_verify(&context, mode, nullptr);
        SSL_CTX_set_session_ticket_cb(&context, nullptr, &judge_ticket, nullptr);
        auto* const store = SSL_CTX_get_cert_store(&context);
        for (const auto& authority : authorities_) {
            X509_STORE_add_cert(store, authority.get());
            SSL_CTX_add_client_CA(&context, authority.get()); // whose certificates to offer
        }
        ERR_clear_error();
    }

    const ListenTlsSettings& terms_;
    std::shared_ptr<TicketKeys> tickets_;
    std::shared_ptr<const ClientTerms> asked_;
    std::vector<KeyPair> pairs_;
    std::vector<ServedCertificate> certificates_;
    std::vector<X509Ptr> authorities_;
    std::map<Choice, SslContextPtr> contexts_;
};

} // namespace

TlsProblem::TlsProblem(std::string where, std::string what)
    : key(std::move(where)),
      message(std::move(what))
{
}

Result<TlsServer, TlsProblem> make_tls_server(const ListenTlsSettings& terms,
                                              const std::string& listener,
                                              std::shared_ptr<TicketKeys> tickets)
{
    if (terms.pairs.empty()) return TlsProblem("", "names no certificate");
    return Builder(terms, listener, std::move(tickets)).build();
}

} // namespace gatehouse::gateway
