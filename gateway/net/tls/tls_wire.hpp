#pragma once

#include <openssl/types.h>

namespace gatehouse::gateway {

class TlsSession;

/// What OpenSSL sends and receives with, in the place of its own BIO on a socket.
struct TlsWire {
    /// Null without memory. The session outlives it.
    [[nodiscard]] static BIO* open(TlsSession& session) noexcept;

    // Called by OpenSSL.
    static int read(BIO* bio, char* into, std::size_t size, std::size_t* count) noexcept;
    static int write(BIO* bio, const char* records, std::size_t size, std::size_t* count) noexcept;
};

} // namespace gatehouse::gateway
