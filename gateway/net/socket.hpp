#pragma once

#include "gateway/net/address.hpp"
#include "gateway/net/file_descriptor.hpp"
#include "gateway/net/task.hpp"
#include "gateway/net/tls/ssl_pointer.hpp"
#include "gateway/net/transfer.hpp"
#include "gateway/net/wakeable.hpp"

#include <sys/uio.h>

#include <cstddef>
#include <memory>
#include <span>

namespace gatehouse::gateway {

class TlsSession;
class Watch;

/// A non-blocking stream socket. Reads and writes are tried at once, on the caller's stack; only
/// waiting for readiness is asynchronous. It remembers when a read found the socket empty and
/// spares the system call that would only say so again: after would_block, wait. Its registration
/// with the event loop stays armed, so waiting costs no system call of its own.
///
/// With a TLS session in it everything here is about the decrypted stream, but for native().
class Socket {
public:
    Socket() noexcept; // closed
    /// Watched by the event loop from now on. Throws when it cannot take one more (no memory).
    Socket(asio::io_context& io, FileDescriptor fd);
    /// Watched from the first wait on, which a short conversation may never need. When the event
    /// loop cannot take one more, that wait is over at once and everything after it fails.
    [[nodiscard]] static Socket unwatched(asio::io_context& io, FileDescriptor fd);
    Socket(Socket&& other) noexcept;
    Socket& operator=(Socket&& other) noexcept;
    ~Socket();

    [[nodiscard]] bool is_open() const noexcept { return watch_ != nullptr; }

    [[nodiscard]] Transfer read(std::span<char> into) noexcept;
    /// False when the last read took all there was and the peer had not finished: between two
    /// messages, wait first. Inside a message read on until would_block, for a reset that came
    /// right behind the data shows only then.
    [[nodiscard]] bool may_have_data() const noexcept;
    /// A look at native() itself, an accept or a poll, found nothing.
    void found_nothing() noexcept;
    /// Gathers `pieces` into one system call.
    [[nodiscard]] Transfer write(std::span<const iovec> pieces) noexcept;
    /// The same for the last bytes of the stream: when all are taken, the peer is told with them
    /// that nothing more will be sent. One segment instead of two.
    [[nodiscard]] Transfer write_last(std::span<const iovec> pieces) noexcept;
    /// Of bytes that were to be written and not moved, how many the peer gets all the same: the
    /// next write has to begin with them. Only TLS, which has begun a record of them.
    [[nodiscard]] std::size_t owed_bytes() const noexcept;
    /// What the next read gets, which stays where it is. Who needs more of it than there is says so
    /// by found_nothing() and waits. Before begin_tls() only.
    [[nodiscard]] Transfer peek(std::span<char> into) noexcept;
    /// Reads and throws away up to `most` bytes.
    [[nodiscard]] Transfer discard(std::size_t most) noexcept;

    /// TLS from here on: tls()->shake_hands() before anything else. Throws without memory.
    void begin_tls(SslPtr ssl);

    /// Plain again, as long as nothing was said inside: for who spoke plainly to begin with.
    void drop_tls() noexcept;

    /// Null: the stream is plain.
    [[nodiscard]] TlsSession* tls() const noexcept { return tls_.get(); }

    /// Wakes once when there is something to read (also an end or an error) or room to write. Each
    /// direction has one waiter; asking again replaces it. Over TLS one of them may need the other,
    /// so whoever waits for both is the same waiter.
    void wake_when_readable(Wakeable& whom) noexcept;
    void wake_when_writable(Wakeable& whom) noexcept;
    /// Nobody is woken any more.
    void forget_waiters() noexcept;

    /// The peer has closed its side or the connection broke, whatever is still to be read.
    [[nodiscard]] bool peer_has_left() const noexcept;
    /// Of one that somebody waits to read from: the event loop has heard of it meanwhile, though
    /// whoever waits has not been woken yet. No system call.
    [[nodiscard]] bool was_heard_of() const noexcept;
    /// Unused and open: nothing to read, no end, no error.
    [[nodiscard]] bool is_quiet() const noexcept;

    /// Tells the peer that nothing more will be sent.
    void finish_sending() noexcept;
    void close() noexcept;
    /// The same for a socket of which there may be copies, here or in another process, that live
    /// on.
    void close_copy() noexcept;
    /// Closes with a reset, so that the peer cannot take what it got for complete.
    void abort() noexcept;

    [[nodiscard]] int native() const noexcept;

private:
    explicit Socket(Watch* watch) noexcept;

    [[nodiscard]] bool is_usable() const noexcept;
    [[nodiscard]] Transfer send(std::span<const iovec> pieces, int flags) noexcept;

    Watch* watch_ = nullptr;
    std::unique_ptr<TlsSession> tls_;
};

/// Sets what every TCP socket of ours has, before it connects or listens: answers go out when they
/// are written, not when Nagle's algorithm has waited for more. Between `address`, which it is
/// bound to or will connect to, and itself there may be no network at all: then segments are not
/// paced either, as BBR would by a timer for each, where the machine has that for long ways. A
/// listener hands all that on to what it accepts.
void set_tcp_options(int fd, const SocketAddress& address) noexcept;

} // namespace gatehouse::gateway
