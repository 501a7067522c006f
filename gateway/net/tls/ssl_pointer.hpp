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

} // namespace gatehouse::gateway
