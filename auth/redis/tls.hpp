#pragma once

#include "auth/redis/socket.hpp"

#include <openssl/types.h>

#include <memory>
#include <string>
#include <utility>

namespace gatehouse::auth::redis {

/// Files in PEM form; empty: the system's authorities, and no certificate of our own.
struct TlsFiles {
    std::string authorities{};
    std::string certificate{};
    std::string key{};
};

/// TLS 1.2 or 1.3 over a socket. The server's certificate must be signed by an authority we trust
/// and be for the name we asked for: there is no way to do without. OpenSSL never sees the socket,
/// so that every wait has our deadline and no write raises a signal.
class Tls {
public:
    /// Both directions are ready when this returns. The files are read anew each time: certificates
    /// are replaced while we run.
    [[nodiscard]] static Result<Tls, Failure> open(Socket& socket, const TlsFiles& files,
                                                   const std::string& host, Deadline deadline);

    [[nodiscard]] Result<void, Failure> write(Socket& socket, std::string_view bytes,
                                              Deadline deadline);
    [[nodiscard]] Result<std::size_t, Failure> read(Socket& socket, std::span<char> room,
                                                    Deadline deadline);
    /// Whether there is something to read that was taken from the socket already.
    [[nodiscard]] bool has_input() const noexcept;

private:
    struct Free {
        void operator()(SSL_CTX* context) const noexcept;
        void operator()(SSL* ssl) const noexcept;
    };

    using Context = std::unique_ptr<SSL_CTX, Free>;
    using Session = std::unique_ptr<SSL, Free>;

    explicit Tls(Session session) : session_(std::move(session)) {}

    [[nodiscard]] static Result<Context, Failure> context_for(const TlsFiles& files);
    [[nodiscard]] static Result<Session, Failure> session_for(SSL_CTX& context,
                                                              const std::string& host);
    [[nodiscard]] Result<void, Failure> shake_hands(Socket& socket, Deadline deadline);
    [[nodiscard]] Result<void, Failure> send_written(Socket& socket, Deadline deadline);
    [[nodiscard]] Result<void, Failure> receive(Socket& socket, Deadline deadline);
    [[nodiscard]] Failure failure_after(int result) const;

    Session session_;
};

} // namespace gatehouse::auth::redis
