#pragma once

#include <openssl/types.h>

#include <array>
#include <memory>
#include <string>

namespace gatehouse::gateway {

/// What a listener wants of clients' certificates, as each of its contexts knows it.
struct ClientTerms {
    std::string listener;                   // its address
    std::array<unsigned char, 32> digest{}; // of all of it: others are other terms
    bool asks = false;
    bool requires_one = false;
};

void give_client_terms(SSL_CTX& context, std::shared_ptr<const ClientTerms> terms);

/// Null where there are none.
[[nodiscard]] const ClientTerms* client_terms_of(const SSL_CTX* context) noexcept;

/// Of a conversation: what it began with.
[[nodiscard]] const ClientTerms* client_terms_of(const SSL& ssl) noexcept;

/// Whether the client would get as far by what its listener wants now, which may differ from what
/// it wanted when they shook hands. `now` is null where that listener speaks no TLS any more. A
/// client that has come back by a ticket shows no more than its own certificate, so one below a
/// further authority has to shake hands again.
[[nodiscard]] bool would_be_let_in(const SSL& ssl, SSL_CTX* now);

} // namespace gatehouse::gateway
