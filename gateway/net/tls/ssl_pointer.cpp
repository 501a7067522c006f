#include "gateway/net/tls/ssl_pointer.hpp"

#include <openssl/ssl.h>

namespace gatehouse::gateway {

void FreeSsl::operator()(SSL* ssl) const noexcept
{
    SSL_free(ssl);
}

void FreeSsl::operator()(SSL_CTX* context) const noexcept
{
    SSL_CTX_free(context);
}

SslContextPtr share_context(SSL_CTX* context) noexcept
{
    if (context != nullptr) SSL_CTX_up_ref(context);
    return SslContextPtr(context);
}

} // namespace gatehouse::gateway
