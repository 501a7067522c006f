#pragma once

#include <openssl/types.h>

#include <memory>

namespace gatehouse::gateway {

struct FreeSsl {
    void operator()(SSL* ssl) const noexcept;
    void operator()(SSL_CTX* context) const noexcept;
};

using SslPtr = std::unique_ptr<SSL, FreeSsl>;
using SslContextPtr = std::unique_ptr<SSL_CTX, FreeSsl>;

/// One more owner of it; null for null.
[[nodiscard]] SslContextPtr share_context(SSL_CTX* context) noexcept;

} // namespace gatehouse::gateway
