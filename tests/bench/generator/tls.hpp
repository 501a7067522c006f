#pragma once

#include <openssl/types.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

using SSL_SESSION = struct ssl_session_st; // as <openssl/ssl.h> has it

namespace gatehouse::bench {

struct FreeTls {
    void operator()(SSL_CTX* context) const noexcept;
    void operator()(SSL* ssl) const noexcept;
    void operator()(SSL_SESSION* session) const noexcept;
};

/// How a client's connections speak TLS: whoever the server is, as version 1.3.
class Tls {
public:
    /// `resumes`: all but the first come back with a session that an earlier one was given.
    explicit Tls(bool resumes);
    Tls(const Tls&) = delete;
    Tls& operator=(const Tls&) = delete;

    using Session = std::unique_ptr<SSL, FreeTls>;

    /// On a connected socket, which does not block from now on.
    [[nodiscard]] Session open(int fd);

private:
    static int keep(SSL* ssl, SSL_SESSION* session);

    std::unique_ptr<SSL_CTX, FreeTls> context_;
    std::unique_ptr<SSL_SESSION, FreeTls> last_;
    bool resumes_;
};

/// As send() and recv() without waiting: a number of bytes, 0 for the end, -1 for an error, where
/// errno is EAGAIN when there is nothing to be done yet.
[[nodiscard]] long send_over(SSL& ssl, std::string_view bytes);
[[nodiscard]] long receive_over(SSL& ssl, std::span<char> into);

} // namespace gatehouse::bench
