#include "gateway/relay/tunnel_flow.hpp"
#include "tests/gateway/net/tls/tls_fixture.hpp"

#include <sys/socket.h>

#include <functional>
#include <string>
#include <string_view>

namespace gatehouse::gateway {
namespace {

using FlowState = TunnelFlow::State;

const std::string goodbye = close_frame(CloseCode::policy_violation, "session ended", {});

std::string small_frames()
{
    std::string all;
    for (int i = 100'000; all.size() < 300'000; ++i) all += "\x82\x06" + std::to_string(i);
    return all;
}

std::string large_frame()
{
    constexpr std::size_t size = 0x40000;
    return std::string("\x82\x7f\0\0\0\0\0\x04\0\0", 10) + std::string(size, 'x');
}

/// A flow towards a TLS peer that reads nothing until it is told that this is the end: a record
/// stands partly on the wire then.
class FlowToSlowTlsPeer : public TlsFixture {
protected:
    FlowToSlowTlsPeer() : TlsFixture(4096) {}

    void speak_last_amid(const std::string& stream, TunnelFlow::Begun begun)
    {
        converse();
        const int little = 4096;
        ::setsockopt(socket.native(), SOL_SOCKET, SO_SNDBUF, &little, sizeof little);
        int fds[2];
        ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds), 0);
        Socket source(io, FileDescriptor(fds[0]));
        const FileDescriptor sender(fds[1]);
        std::size_t said = 0;
        const auto say_more = [&] {
            const auto rest = std::string_view(stream).substr(said);
            const auto sent = ::send(sender.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
            if (sent > 0) said += static_cast<std::size_t>(sent);
        };
        TunnelFlow flow(source, socket, blocks, Buffer());
        Turn turn(io);
        Counted waiter;
        const auto step_until = [&](const std::function<bool()>& enough) {
            for (int tries = 0; tries < 100'000 && !enough(); ++tries) {
                say_more();
                source.wake_when_readable(waiter);
                socket.wake_when_writable(waiter);
                io.restart();
                io.poll();
                flow.step(turn, waiter);
            }
        };
        step_until([&] { return flow.state() == FlowState::sink_waits; });
        ASSERT_EQ(flow.state(), FlowState::sink_waits);
        flow.say_last(goodbye, begun);
        step_until([&] {
            collect();
            got += peer->read();
            return flow.is_over() || flow.state() == FlowState::sink_broken;
        });
        state = flow.state();
        socket.close();
        while (!wire_ended) {
            collect();
            got += peer->read();
        }
    }

    BufferPool blocks{std::size_t{64} * 1024, 2};
    FlowState state{};
    std::string got;
};

TEST_F(FlowToSlowTlsPeer, SaysTheLastWordsBehindARecordThatHasBegun)
{
    const auto frames = small_frames();
    speak_last_amid(frames, TunnelFlow::Begun::finish);
    EXPECT_EQ(state, FlowState::done);
    EXPECT_TRUE(peer->has_ended());
    ASSERT_TRUE(got.ends_with(goodbye));
    const auto before = std::string_view(got).substr(0, got.size() - goodbye.size());
    EXPECT_TRUE(frames.starts_with(before));
    EXPECT_EQ(before.size() % 8, 0U) << "in the middle of a frame";
    EXPECT_LT(before.size(), frames.size());
}

TEST_F(FlowToSlowTlsPeer, FinishesTheFrameAndItsRecordFirst)
{
    const auto frame = large_frame();
    speak_last_amid(frame + small_frames(), TunnelFlow::Begun::finish);
    EXPECT_EQ(state, FlowState::done);
    EXPECT_TRUE(peer->has_ended());
    EXPECT_EQ(got.size(), frame.size() + goodbye.size());
    EXPECT_TRUE(got.starts_with(frame));
    EXPECT_TRUE(got.ends_with(goodbye));
}

TEST_F(FlowToSlowTlsPeer, SaysNothingBehindARecordThatIsAbandoned)
{
    const auto frames = small_frames();
    speak_last_amid(frames, TunnelFlow::Begun::abandon);
    EXPECT_EQ(state, FlowState::done);
    EXPECT_FALSE(peer->has_ended()) << "the stream has to look cut";
    EXPECT_TRUE(frames.starts_with(got));
}

/// Two neighbours of the gateway: what they have is what it has sent.
class PlainFlow : public testing::Test {
protected:
    struct Pair {
        explicit Pair(asio::io_context& io)
        {
            int fds[2];
            const int type = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;
            EXPECT_EQ(::socketpair(AF_UNIX, type, 0, fds), 0);
            own = Socket(io, FileDescriptor(fds[0]));
            peer = FileDescriptor(fds[1]);
        }

        void say(std::string_view text) const
        {
            EXPECT_EQ(::send(peer.get(), text.data(), text.size(), MSG_NOSIGNAL),
                      static_cast<ssize_t>(text.size()));
        }

        /// Everything there is.
        [[nodiscard]] std::string take() const
        {
            std::string all;
            char piece[4096];
            for (ssize_t got = 0; (got = ::recv(peer.get(), piece, sizeof piece, 0)) > 0;)
                all.append(piece, static_cast<std::size_t>(got));
            return all;
        }

        Socket own;
        FileDescriptor peer;
    };

    FlowState step() { return flow.step(turn, waiter); }

    /// What the sender says has arrived, and the event loop knows.
    void hear(std::string_view text)
    {
        Counted reader;
        source.own.wake_when_readable(reader);
        if (!text.empty()) source.say(text);
        end_turn();
        EXPECT_EQ(reader.times, 1);
    }

    void end_turn()
    {
        io.restart();
        io.poll();
    }

    /// Until the receiver takes nothing more.
    std::size_t fill_receiver()
    {
        const std::string much(4096, 'x');
        std::size_t filled = 0;
        for (;;) {
            const iovec some{const_cast<char*>(much.data()), much.size()};
            const auto sent = sink.own.write({&some, 1});
            if (sent.state != Transfer::State::moved) return filled;
            filled += sent.bytes;
        }
    }

    asio::io_context io{1};
    Turn turn{io};
    BufferPool blocks{std::size_t{64} * 1024, 2};
    Pair source{io};
    Pair sink{io};
    Counted waiter;
    TunnelFlow flow{source.own, sink.own, blocks, Buffer()};
};

const std::string hello = "\x82\x05hello";

TEST_F(PlainFlow, SendsAtTheEndOfTheTurnWhatLeavesTheSenderWithNothing)
{
    hear(hello);
    EXPECT_EQ(step(), FlowState::lined_up);
    EXPECT_EQ(step(), FlowState::lined_up) << "another wake in the same turn";
    EXPECT_EQ(sink.take(), "");
    end_turn();
    EXPECT_EQ(sink.take(), hello);
    EXPECT_EQ(flow.state(), FlowState::source_waits);
    EXPECT_EQ(flow.bytes(), hello.size());
    EXPECT_EQ(waiter.times, 0) << "there is nothing to do";
    EXPECT_EQ(blocks.free_blocks(), 1U) << "nobody waits with a block in hand";
}

TEST_F(PlainFlow, KeepsNoLongMessageWaitingForOthers)
{
    const std::string longest(Turn::longest_bytes, 'x');
    hear(longest);
    EXPECT_EQ(step(), FlowState::lined_up);
    end_turn();
    EXPECT_EQ(sink.take(), longest);
    hear(longest + 'x');
    EXPECT_EQ(step(), FlowState::source_waits);
    EXPECT_EQ(sink.take(), longest + 'x');
    EXPECT_EQ(blocks.free_blocks(), 1U) << "nobody waits with a block in hand";
}

TEST_F(PlainFlow, MovesOnceForAMessageThoughItIsSentLater)
{
    hear(hello);
    step();
    const auto moves = flow.moves();
    EXPECT_NE(moves, 0U);
    end_turn();
    step();
    EXPECT_EQ(flow.moves(), moves) << "or its silence would count as life";
}

TEST_F(PlainFlow, SendsAtOnceWhatTheSenderEndsWith)
{
    source.say(hello);
    ::shutdown(source.peer.get(), SHUT_WR);
    hear("");
    EXPECT_EQ(step(), FlowState::done);
    EXPECT_EQ(sink.take(), hello);
}

TEST_F(PlainFlow, WakesWhoWaitsWhenTheReceiverTakesNothingAtTheEndOfTheTurn)
{
    const auto filled = fill_receiver();
    hear(hello);
    EXPECT_EQ(step(), FlowState::lined_up);
    end_turn();
    EXPECT_EQ(flow.state(), FlowState::sink_waits);
    EXPECT_EQ(waiter.times, 1);
    sink.own.wake_when_writable(waiter);
    EXPECT_EQ(sink.take(), std::string(filled, 'x'));
    end_turn();
    EXPECT_EQ(waiter.times, 2);
    EXPECT_EQ(step(), FlowState::source_waits);
    EXPECT_EQ(sink.take(), hello);
}

TEST_F(PlainFlow, WakesWhoWaitsWhenTheReceiverIsGoneAtTheEndOfTheTurn)
{
    hear(hello);
    EXPECT_EQ(step(), FlowState::lined_up);
    sink.peer.reset();
    end_turn();
    EXPECT_EQ(flow.state(), FlowState::sink_broken);
    EXPECT_EQ(waiter.times, 1);
}

TEST_F(PlainFlow, SaysTheLastWordsInThePlaceOfWhatIsLinedUp)
{
    hear(hello);
    EXPECT_EQ(step(), FlowState::lined_up);
    flow.say_last(goodbye, TunnelFlow::Begun::finish);
    EXPECT_EQ(step(), FlowState::done);
    end_turn();
    EXPECT_EQ(sink.take(), goodbye);
    EXPECT_EQ(waiter.times, 0);
}

TEST_F(PlainFlow, FinishesTheFrameOfWhichItsRestIsLinedUp)
{
    hear(hello.substr(0, 4));
    step();
    end_turn();
    hear(hello.substr(4) + hello);
    EXPECT_EQ(step(), FlowState::lined_up);
    flow.say_last(goodbye, TunnelFlow::Begun::finish);
    EXPECT_EQ(step(), FlowState::done);
    end_turn();
    EXPECT_EQ(sink.take(), hello + goodbye);
}

} // namespace
} // namespace gatehouse::gateway
