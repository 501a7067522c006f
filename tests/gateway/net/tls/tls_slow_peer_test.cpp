#include "tests/gateway/net/tls/tls_fixture.hpp"

#include <string>
#include <string_view>

namespace gatehouse::gateway {
namespace {

/// A peer that reads nothing for a long time.
class SlowTlsPeer : public TlsFixture {
protected:
    SlowTlsPeer() : TlsFixture(4096) {}

    void send_all(const std::string& text, bool last_bytes)
    {
        const int little = 4096;
        ::setsockopt(socket.native(), SOL_SOCKET, SO_SNDBUF, &little, sizeof little);
        std::size_t sent = 0;
        int waits = 0;
        while (sent < text.size()) {
            // In three pieces, as a chunk has them, and never twice the same.
            const auto rest = std::string_view{text}.substr(sent);
            const iovec pieces[] = {piece(rest.substr(0, 7)),
                                    piece(rest.substr(std::min<std::size_t>(7, rest.size())))};
            const auto step = last_bytes ? socket.write_last(pieces) : socket.write(pieces);
            ASSERT_NE(step.state, State::failed);
            sent += step.bytes;
            if (step.state == State::moved) continue;
            ++waits;
            Counted waiter;
            socket.wake_when_writable(waiter);
            while (waiter.times == 0) {
                collect();
                got += peer->read();
                io.restart();
                io.poll();
            }
        }
        EXPECT_GT(waits, 3);
    }

    std::string got;
};

std::string numbers(std::size_t bytes)
{
    std::string text;
    for (int i = 0; text.size() < bytes; ++i) text += std::to_string(i) + ' ';
    return text;
}

TEST_F(SlowTlsPeer, GetsEveryByteOnce)
{
    converse();
    const auto text = numbers(600'000);
    send_all(text, false);
    EXPECT_FALSE(peer->has_ended());
    socket.close();
    while (!wire_ended) {
        collect();
        got += peer->read();
    }
    EXPECT_EQ(got, text);
    EXPECT_TRUE(peer->has_ended());
}

TEST_F(SlowTlsPeer, HearsTheEndBehindTheLastByte)
{
    converse();
    const auto text = numbers(600'000);
    send_all(text, true);
    while (!wire_ended) {
        collect();
        got += peer->read();
    }
    EXPECT_EQ(got, text);
    EXPECT_TRUE(peer->has_ended());
}

TEST_F(SlowTlsPeer, MayGoOnTalkingMeanwhile)
{
    converse();
    const int little = 4096;
    ::setsockopt(socket.native(), SOL_SOCKET, SO_SNDBUF, &little, sizeof little);
    const auto text = numbers(200'000);
    const auto all = piece(text);
    auto step = socket.write({&all, 1});
    std::size_t sent = step.bytes;
    while (step.state == State::moved) {
        const auto rest = piece(std::string_view{text}.substr(sent));
        step = socket.write({&rest, 1});
        sent += step.bytes;
    }
    // A change of keys asks for an answer, for which there is no room now.
    SSL_key_update(&peer->ssl(), SSL_KEY_UPDATE_REQUESTED);
    peer->write("a question");
    deliver();
    std::string question;
    for (int turn = 0; turn < 10'000 && sent < text.size(); ++turn) {
        hear();
        question += read_all();
        ASSERT_NE(last.state, State::failed);
        collect();
        got += peer->read();
        Counted waiter;
        socket.wake_when_writable(waiter);
        io.restart();
        io.poll();
        const auto rest = piece(std::string_view{text}.substr(sent));
        step = socket.write({&rest, 1});
        ASSERT_NE(step.state, State::failed);
        sent += step.bytes;
    }
    EXPECT_EQ(question, "a question");
    socket.close();
    while (!wire_ended) {
        collect();
        got += peer->read();
    }
    EXPECT_EQ(got, text);
}

TEST_F(SlowTlsPeer, SeesACutWhenARecordIsLeftUnfinished)
{
    converse();
    const int little = 4096;
    ::setsockopt(socket.native(), SOL_SOCKET, SO_SNDBUF, &little, sizeof little);
    const std::string text(200'000, 'x');
    const auto all = piece(text);
    EXPECT_LT(socket.write({&all, 1}).bytes, text.size());
    socket.finish_sending();
    while (!wire_ended) {
        collect();
        got += peer->read();
    }
    EXPECT_FALSE(peer->has_ended());
}

} // namespace
} // namespace gatehouse::gateway
