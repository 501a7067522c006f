#pragma once

#include <openssl/types.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <vector>

struct ssl_session_st; // SSL_SESSION, which openssl/types.h does not know

namespace gatehouse::gateway {

struct FreeTlsSession {
    void operator()(ssl_session_st* session) const noexcept;
};

using TlsSessionPtr = std::unique_ptr<ssl_session_st, FreeTlsSession>;

/// What one worker may resume conversations with one endpoint by, which spares both sides most of
/// the handshake. Whoever was verified then is not verified again, so these belong to one endpoint
/// and its terms, as its connections do.
class TlsSessions {
public:
    using Now = std::chrono::system_clock::time_point;

    static constexpr std::size_t most = 4; // servers give two for each conversation

    /// Has conversations of this context tell the TlsSessions they were prepared by.
    static void collect_from(SSL_CTX& context);

    /// Offers the newest one that is still good, and collects what the server gives. This outlives
    /// the conversation.
    void prepare(SSL& conversation, Now now);

    /// It was of no use, or the server is not who it was.
    void forget_all() noexcept { kept_.clear(); }

    [[nodiscard]] std::size_t size() const noexcept { return kept_.size(); }

private:
    static int keep(SSL* conversation, ssl_session_st* session) noexcept;

    [[nodiscard]] TlsSessionPtr take(Now now) noexcept;

    std::vector<TlsSessionPtr> kept_; // the newest last
};

} // namespace gatehouse::gateway
