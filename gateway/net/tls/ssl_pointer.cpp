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

} // namespace gatehouse::gateway
