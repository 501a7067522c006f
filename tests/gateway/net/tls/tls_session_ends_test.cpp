#include "tests/gateway/net/tls/tls_fixture.hpp"

#include <string>
#include <string_view>

namespace gatehouse::gateway {
namespace {

class TlsSessionEnds : public TlsFixture {};

TEST_F(TlsSessionEnds, TellsTheEndOfTheStreamFromTheEndOfTheWire)
{
    struct Case {
        const char* name;
        bool says_goodbye;
        State expected;
    };

    for (const auto& c : {
             Case{"close_notify", true,  State::ended },
             Case{"cut off",      false, State::failed}
    }) {
        SCOPED_TRACE(c.name);
        converse();
        peer->write("to the en");
        if (c.says_goodbye) SSL_shutdown(&peer->ssl());
        deliver();
        wire.finish_sending();
        hear();
        EXPECT_EQ(read_all(), "to the en");
        EXPECT_EQ(last.state, c.expected);
        EXPECT_EQ(socket.read(room).state, c.expected); // and it stays so
        EXPECT_TRUE(socket.may_have_data());
        EXPECT_TRUE(socket.peer_has_left());
        EXPECT_FALSE(socket.is_quiet());
        connect_anew();
    }
}

TEST_F(TlsSessionEnds, AnswersWhoHasFinishedSending)
{
    converse();
    peer->write("the last question");
    SSL_shutdown(&peer->ssl());
    EXPECT_EQ(read_after_delivery(), "the last question");
    EXPECT_EQ(last.state, State::ended);
    const auto answer = piece("the answer");
    EXPECT_EQ(socket.write_last({&answer, 1}).bytes, 10U);
    collect();
    EXPECT_EQ(peer->read(), "the answer");
    EXPECT_TRUE(peer->has_ended());
    EXPECT_TRUE(wire_ended);
}

TEST_F(TlsSessionEnds, SaysGoodbyeWhenItFinishesOrCloses)
{
    converse();
    socket.finish_sending();
    collect();
    EXPECT_EQ(peer->read(), "");
    EXPECT_TRUE(peer->has_ended());
    EXPECT_TRUE(wire_ended);
    peer->write("still talking");
    EXPECT_EQ(read_after_delivery(), "still talking");
}

TEST_F(TlsSessionEnds, SaysGoodbyeWhenItIsClosed)
{
    converse();
    socket.close();
    collect();
    EXPECT_EQ(peer->read(), "");
    EXPECT_TRUE(peer->has_ended());
}

TEST_F(TlsSessionEnds, LooksCutWhenItIsAborted)
{
    converse();
    collect();
    socket.abort();
    EXPECT_EQ(wire.receive(), test::RawSocket::End::reset);
}

} // namespace
} // namespace gatehouse::gateway
