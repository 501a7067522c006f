#pragma once

#include "gateway/net/tls/ssl_pointer.hpp"
#include "gateway/net/transfer.hpp"
#include "gateway/net/wakeable.hpp"

#include <openssl/types.h>

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace gatehouse::gateway {

class Watch;

/// TLS inside a Socket, on either side of the conversation: what a Socket promises, of the
/// decrypted stream. Records are read and written with system calls of ours on the socket's watch,
/// a message of up to 16 KiB in one record and one call. An end without the peer's word for it
/// (close_notify) is a failure: whoever cuts the wire must not choose where a message ends. RFC
/// 8446, 6.1.
class TlsSession {
public:
    enum class Handshake : std::uint8_t { done, waits, failed };

    /// `ssl` has its role and is used by nobody else. `watch` is the socket's, and outlives this.
    TlsSession(SslPtr ssl, Watch& watch);
    TlsSession(const TlsSession&) = delete;
    TlsSession& operator=(const TlsSession&) = delete;
    ~TlsSession();

    /// Goes on with the handshake. Waits: for wake_when_readable, which knows what it is for.
    [[nodiscard]] Handshake shake_hands() noexcept;

    /// What went wrong, in OpenSSL's words; empty while nothing has, or when the peer just left.
    [[nodiscard]] std::string_view failure() const noexcept { return failure_; }

    /// The peer began with a request in plain HTTP.
    [[nodiscard]] bool was_spoken_to_in_http() const noexcept { return http_; }

    [[nodiscard]] SSL& ssl() const noexcept { return *ssl_; }

    [[nodiscard]] Transfer read(std::span<char> into) noexcept;
    [[nodiscard]] bool may_have_data() const noexcept;
    [[nodiscard]] Transfer discard(std::size_t most) noexcept;
    [[nodiscard]] bool is_quiet() noexcept;

    /// What records take that leave together, or wait for room.
    [[nodiscard]] std::size_t held_memory() const noexcept { return held_.capacity(); }

    /// The peer has said that it sends nothing more.
    [[nodiscard]] bool has_ended() const noexcept { return life_ == Life::ended; }

    /// After would_block the next call begins with the same bytes: owed_bytes() of them at least.
    [[nodiscard]] Transfer write(std::span<const iovec> pieces) noexcept;
    [[nodiscard]] Transfer write_last(std::span<const iovec> pieces) noexcept;

    /// Of what was written last, but not moved: a record of so many bytes is partly on the wire.
    [[nodiscard]] std::size_t owed_bytes() const noexcept { return owed_bytes_; }

    /// What does not go out at once does when the peer makes room, while somebody waits to read.
    void finish_sending() noexcept;
    /// The same before the socket is closed: tried once.
    void say_goodbye() noexcept;

    /// TLS may have to read before it can write and the other way round, so whoever waits for
    /// either side may be woken for both.
    void wake_when_readable(Wakeable& whom) noexcept;
    void wake_when_writable(Wakeable& whom) noexcept;

private:
    friend struct TlsWire;
    class Run;
    enum class Life : std::uint8_t { shaking, open, ended, failed };

    [[nodiscard]] bool is_dead() const noexcept { return life_ == Life::failed; }

    [[nodiscard]] bool has_unread() const noexcept;
    [[nodiscard]] bool can_say_goodbye() const noexcept;
    [[nodiscard]] Transfer end_of_reading() const noexcept;
    [[nodiscard]] Transfer put(std::span<const iovec> pieces, bool last) noexcept;
    [[nodiscard]] std::size_t encrypt(std::span<const char> run) noexcept;
    [[nodiscard]] bool encrypt_last(std::span<const char> run) noexcept;
    [[nodiscard]] bool flush_held() noexcept;
    void hold_goodbye() noexcept;
    void judge_reading(int result) noexcept;
    void judge_writing(int result) noexcept;
    void fail() noexcept;

    [[nodiscard]] int take_from_wire(std::span<char> into, std::size_t& count) noexcept;
    [[nodiscard]] int give_to_wire(std::string_view records, std::size_t& count) noexcept;

    Watch& watch_;
    SslPtr ssl_;
    const char* failure_ = "";
    std::string held_;           // records that leave together, or have to wait for room
    std::size_t held_bytes_ = 0; // of the stream, which are sent with them
    Life life_ = Life::shaking;
    std::uint16_t owed_bytes_ = 0;
    std::uint8_t receives_ = 0; // of one read
    bool holding_ = false;      // what is encrypted now goes to held_
    bool ends_ = false;         // nothing follows what is held
    bool starved_ = false;      // the last read needs bytes that have not arrived
    bool yields_ = false;       // the last read has left some for later
    bool reading_needs_room_ = false;
    bool writing_needs_bytes_ = false;
    bool http_ = false;
};

} // namespace gatehouse::gateway
