#include "gateway/relay/tunnel_flow.hpp"
#include "tests/gateway/net/tls/tls_fixture.hpp"

#include <fcntl.h>

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
        ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
        for (const int fd : fds) ::fcntl(fd, F_SETFL, O_NONBLOCK);
        Socket source(io, FileDescriptor(fds[0]));
        const FileDescriptor sender(fds[1]);
        std::size_t said = 0;
        const auto say_more = [&] {
            const auto rest = std::string_view(stream).substr(said);
            const auto sent = ::send(sender.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
            if (sent > 0) said += static_cast<std::size_t>(sent);
        };
        TunnelFlow flow(source, socket, blocks, Buffer());
        const auto step_until = [&](const std::function<bool()>& enough) {
            for (int turn = 0; turn < 100'000 && !enough(); ++turn) {
                say_more();
                Counted waiter;
                source.wake_when_readable(waiter);
                socket.wake_when_writable(waiter);
                io.restart();
                io.poll();
                flow.step();
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

} // namespace
} // namespace gatehouse::gateway
