#pragma once

#include "gateway/net/listen.hpp"
#include "gateway/net/socket.hpp"
#include "gateway/net/tls/tls_context.hpp"
#include "gateway/net/tls/tls_session.hpp"
#include "tests/gateway/support/raw_socket.hpp"
#include "tests/gateway/support/test_certificates.hpp"
#include "tests/gateway/support/tls_peer.hpp"

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::gateway {

using State = Transfer::State;
using Shaken = TlsSession::Handshake;

class Counted final : public Wakeable {
public:
    void wake() noexcept override { ++times; }

    int times = 0;
};

inline iovec piece(std::string_view text)
{
    return {const_cast<char*>(text.data()), text.size()};
}

inline const test::TestAuthority& authority()
{
    static const test::TestAuthority one;
    return one;
}

inline const test::TestCertificate& certificate_of_gate()
{
    static const auto one = authority().sign({
        .names = {"gate.test", "127.0.0.1"}
    });
    return one;
}

inline KeyPair key_pair_of(const test::TestCertificate& from)
{
    return *KeyPair::read(from.certificate, from.key);
}

inline SslContextPtr server_context(TlsVersion oldest = TlsVersion::v1_2)
{
    auto context = make_server_context(oldest);
    EXPECT_TRUE(key_pair_of(certificate_of_gate()).install(*context));
    return context;
}

inline SslContextPtr client_context()
{
    TlsClientTerms terms;
    terms.authorities = authority().certificate();
    return *make_client_context(terms);
}

/// A Socket with TLS in it on a real connection, and its peer, whose bytes the test carries.
class TlsFixture : public testing::Test {
protected:
    explicit TlsFixture(int receive_buffer_bytes = 0)
        : listener_(*open_listener("127.0.0.1:0", 1)),
          receive_buffer_bytes_(receive_buffer_bytes)
    {
        connect_anew();
    }

    void connect_anew()
    {
        socket = Socket();
        wire = test::RawSocket(listener_.port, receive_buffer_bytes_);
        const int listening = listener_.sockets.front().get();
        FileDescriptor fd(::accept4(listening, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
        socket = Socket::unwatched(io, std::move(fd));
        wire_ended = false;
    }

    void be_server(SSL_CTX& own, SSL_CTX& peers, const std::string& name = "gate.test")
    {
        socket.begin_tls(open_server(own));
        peer.emplace(open_client(peers, name));
    }

    void be_client(SSL_CTX& own, SSL_CTX& peers, const std::string& name = "gate.test")
    {
        socket.begin_tls(open_client(own, name));
        peer.emplace(open_server(peers));
    }

    /// A conversation in which everything is as usual, past the handshake.
    void converse(int version = TLS1_3_VERSION)
    {
        own_ = server_context();
        peers_ = client_context();
        SSL_CTX_set_max_proto_version(peers_.get(), version);
        be_server(*own_, *peers_);
        ASSERT_EQ(shake_hands(), Shaken::done);
    }

    /// What the peer wants to have sent goes onto the wire, and arrives.
    void deliver() { deliver(peer->take_records()); }

    void deliver(std::string_view records)
    {
        if (records.empty()) return;
        wire.send(records);
        pollfd asked{socket.native(), POLLIN, 0};
        EXPECT_EQ(::poll(&asked, 1, 10'000), 1);
    }

    /// What is on the wire reaches the peer.
    void collect()
    {
        std::array<char, 65536> arrived{};
        ssize_t got = 0;
        while ((got = ::recv(wire.native(), arrived.data(), arrived.size(), MSG_DONTWAIT)) > 0) {
            peer->give_records({arrived.data(), static_cast<std::size_t>(got)});
        }
        wire_ended = got == 0;
    }

    Shaken shake_hands()
    {
        for (int turn = 0; turn < 20; ++turn) {
            const bool ready = peer->shake_hands();
            deliver();
            hear();
            const auto here = socket.tls()->shake_hands();
            collect();
            if (here == Shaken::failed || (here == Shaken::done && ready)) return here;
        }
        return Shaken::waits;
    }

    /// Lets the loop notice what has happened on the wire.
    void hear()
    {
        Counted waiter;
        socket.wake_when_readable(waiter);
        do {
            io.restart();
            io.poll();
        } while (waiter.times == 0 && has_arrived());
        socket.forget_waiters();
    }

    [[nodiscard]] bool has_arrived() const
    {
        pollfd asked{socket.native(), POLLIN, 0};
        return ::poll(&asked, 1, 0) == 1;
    }

    std::string read_all()
    {
        std::string all;
        for (;;) {
            last = socket.read(room);
            if (last.state != State::moved) return all;
            all.append(room.data(), last.bytes);
        }
    }

    /// What the peer says reaches the reader.
    std::string read_after_delivery()
    {
        deliver();
        hear();
        return read_all();
    }

    SharedListener listener_;
    int receive_buffer_bytes_;
    SslContextPtr own_;
    SslContextPtr peers_;

public:
    asio::io_context io;
    test::RawSocket wire;
    Socket socket;
    std::optional<test::TlsPeer> peer;
    std::array<char, 1000> room{};
    Transfer last;
    bool wire_ended = false;
};

} // namespace gatehouse::gateway
