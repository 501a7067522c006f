#include "tests/gateway/net/tls/tls_fixture.hpp"

#include <openssl/err.h>

#include <string>
#include <string_view>

namespace gatehouse::gateway {
namespace {

class TlsSessionTest : public TlsFixture {};

TEST_F(TlsSessionTest, CarriesBothDirections)
{
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        SCOPED_TRACE(version);
        converse(version);
        EXPECT_EQ(SSL_version(&socket.tls()->ssl()), version);
        peer->write("a question");
        EXPECT_EQ(read_after_delivery(), "a question");
        EXPECT_EQ(last.state, State::would_block);
        const iovec pieces[] = {piece("an "), piece(""), piece("answer")};
        EXPECT_EQ(socket.write(pieces).bytes, 9U);
        collect();
        EXPECT_EQ(peer->read(), "an answer");
        connect_anew();
    }
}

TEST_F(TlsSessionTest, IsAClientToo)
{
    const auto own = client_context();
    const auto peers = server_context();
    be_client(*own, *peers);
    ASSERT_EQ(shake_hands(), Shaken::done);
    EXPECT_TRUE(agreed_on_http(socket.tls()->ssl()));
    EXPECT_STREQ(SSL_get_servername(&peer->ssl(), TLSEXT_NAMETYPE_host_name), "gate.test");
    const auto asked = piece("GET");
    EXPECT_EQ(socket.write({&asked, 1}).bytes, 3U);
    collect();
    EXPECT_EQ(peer->read(), "GET");
    EXPECT_TRUE(socket.is_quiet()); // for session tickets are not for whoever reads
    peer->write("200");
    deliver();
    EXPECT_FALSE(socket.is_quiet());
    EXPECT_EQ(read_after_delivery(), "200");
}

TEST_F(TlsSessionTest, TakesAMessageByteByByte)
{
    own_ = server_context();
    peers_ = client_context();
    be_server(*own_, *peers_);
    auto shaken = Shaken::waits;
    for (int turn = 0; turn < 20 && shaken == Shaken::waits; ++turn) {
        (void)peer->shake_hands();
        for (const char byte : peer->take_records()) {
            ASSERT_EQ(shaken, Shaken::waits);
            deliver({&byte, 1});
            hear();
            shaken = socket.tls()->shake_hands();
        }
        collect();
    }
    ASSERT_EQ(shaken, Shaken::done);
    peer->write("a question");
    std::string got;
    for (const char byte : peer->take_records()) {
        EXPECT_EQ(got, "");
        EXPECT_TRUE(!socket.may_have_data() || socket.read(room).state == State::would_block);
        deliver({&byte, 1});
        hear();
        got = read_all();
    }
    EXPECT_EQ(got, "a question");
    EXPECT_FALSE(socket.may_have_data());
}

TEST_F(TlsSessionTest, KnowsOfWhatItHasReceivedAndNotYetGiven)
{
    converse();
    peer->write("first");
    peer->write("second");
    deliver();
    hear();
    EXPECT_EQ(socket.read(std::span(room).first(3)).bytes, 3U);
    EXPECT_TRUE(socket.may_have_data());
    EXPECT_FALSE(socket.is_quiet());
    Counted waiter;
    socket.wake_when_readable(waiter); // the kernel has nothing to tell any more
    io.restart();
    io.poll();
    EXPECT_EQ(waiter.times, 1);
    EXPECT_EQ(read_all(), "stsecond");
    EXPECT_FALSE(socket.may_have_data());
    EXPECT_TRUE(socket.is_quiet());
}

TEST_F(TlsSessionTest, PutsTheMessageIntoOneRecord)
{
    converse();
    collect();
    const std::string body(10'000, 'b');
    const iovec pieces[] = {piece("head"), piece(body), piece("end")};
    EXPECT_EQ(socket.write(pieces).bytes, body.size() + 7);
    const auto got = wire.take(5);
    ASSERT_EQ(got.size(), 5U);
    const auto bytes =
        static_cast<unsigned char>(got[3]) * 256U + static_cast<unsigned char>(got[4]);
    EXPECT_EQ(bytes, body.size() + 7 + 17); // and the content type and the tag. RFC 8446, 5.2
}

TEST_F(TlsSessionTest, KeepsNoMemoryForWhatHasLeft)
{
    converse();
    EXPECT_LE(socket.tls()->held_memory(), std::string().capacity()) << "of the handshake";
    EXPECT_EQ(socket.write_last(std::array{piece(std::string(3000, 'x'))}).bytes, 3000U);
    EXPECT_LE(socket.tls()->held_memory(), std::string().capacity()) << "of the last message";
}

TEST_F(TlsSessionTest, DropsWhatNobodyWants)
{
    converse();
    peer->write(std::string(100'000, 'x'));
    deliver();
    hear();
    std::size_t dropped = 0;
    for (int i = 0; i < 1000 && dropped < 100'000; ++i) {
        const auto step = socket.discard(64 * 1024);
        if (step.state == State::would_block) hear();
        dropped += step.bytes;
    }
    EXPECT_EQ(dropped, 100'000U);
}

TEST_F(TlsSessionTest, FollowsAChangeOfKeys)
{
    converse();
    ASSERT_EQ(SSL_key_update(&peer->ssl(), SSL_KEY_UPDATE_REQUESTED), 1);
    peer->write("with new keys");
    EXPECT_EQ(read_after_delivery(), "with new keys");
    const auto answer = piece("too");
    EXPECT_EQ(socket.write({&answer, 1}).bytes, 3U);
    collect();
    EXPECT_EQ(peer->read(), "too");
}

TEST_F(TlsSessionTest, LetsOthersHaveTheirTurnWhileAPeerOnlyChangesKeys)
{
    converse();
    for (int i = 0; i < 40'000; ++i) {
        SSL_key_update(&peer->ssl(), SSL_KEY_UPDATE_NOT_REQUESTED);
        SSL_do_handshake(&peer->ssl());
    }
    peer->write("at last");
    const auto records = peer->take_records();
    std::size_t sent = 0;
    std::string got;
    int turns = 0;
    while (got.empty() && turns < 1000) {
        const auto more = ::send(wire.native(), records.data() + sent, records.size() - sent,
                                 MSG_DONTWAIT | MSG_NOSIGNAL);
        if (more > 0) sent += static_cast<std::size_t>(more);
        hear();
        got = read_all();
        ASSERT_NE(last.state, State::failed);
        ++turns;
    }
    EXPECT_EQ(got, "at last");
    EXPECT_GT(turns, 1);
}

TEST_F(TlsSessionTest, RefusesToNegotiateAgain)
{
    converse(TLS1_2_VERSION);
    SSL_renegotiate(&peer->ssl());
    bool agreed = false;
    for (int turn = 0; turn < 5 && !agreed; ++turn) {
        agreed = peer->shake_hands();
        EXPECT_EQ(read_after_delivery(), "");
        collect();
    }
    EXPECT_FALSE(agreed);
}

TEST_F(TlsSessionTest, EndsAtOnceOnWhatIsNoTls)
{
    struct Case {
        const char* name;
        std::string_view bytes;
        bool http;
    };

    const Case cases[] = {
        {"plain HTTP", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", true},
        {"garbage", "\x80\x10\x01\x03\x01?????????????????????", false},
        {"SSH", "SSH-2.0-OpenSSH_9.2\r\n", false},
        {"an alert", std::string_view("\x15\x03\x01\x00\x02\x02\x28", 7), false},
        {"a record that never ends", std::string_view("\x16\x03\x01\xff\xff", 5), false},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        own_ = server_context();
        socket.begin_tls(open_server(*own_));
        deliver(c.bytes);
        hear();
        EXPECT_EQ(socket.tls()->shake_hands(), Shaken::failed);
        EXPECT_EQ(socket.tls()->was_spoken_to_in_http(), c.http);
        EXPECT_FALSE(socket.tls()->failure().empty());
        EXPECT_EQ(ERR_peek_error(), 0U);
        const auto text = piece("secret");
        EXPECT_EQ(socket.write({&text, 1}).state, State::failed);
        EXPECT_EQ(socket.read(room).state, State::failed);
        connect_anew();
    }
}

TEST_F(TlsSessionTest, EndsOnARecordThatWasTamperedWith)
{
    converse();
    peer->write("a question");
    auto records = peer->take_records();
    records.back() ^= 1;
    deliver(records);
    hear();
    EXPECT_EQ(read_all(), "");
    EXPECT_EQ(last.state, State::failed);
    EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST_F(TlsSessionTest, IsNotConfusedByErrorsOfOthers)
{
    converse();
    ERR_raise(ERR_LIB_USER, 1);
    EXPECT_EQ(socket.read(room).state, State::would_block);
    peer->write("fine");
    ERR_raise(ERR_LIB_USER, 1);
    EXPECT_EQ(read_after_delivery(), "fine");
    ERR_clear_error();
}

} // namespace
} // namespace gatehouse::gateway
