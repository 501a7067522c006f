#pragma once

#include <openssl/err.h>

namespace gatehouse::gateway {

/// Others in this thread use OpenSSL too, and SSL_get_error would take what they left for ours.
inline void forget_older_errors() noexcept
{
    if (ERR_peek_error() != 0) [[unlikely]]
        ERR_clear_error();
}

} // namespace gatehouse::gateway
