#include "gateway/net/turn.hpp"
#include "gateway/relay/body_pump.hpp"
#include "tests/gateway/support/raw_socket.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>
#include <string>

namespace gatehouse::gateway {
namespace {

using State = BodyPump::State;

/// A pump between two socket pairs; the test holds both far ends.
class PumpTest : public testing::Test {
protected:
    struct Pair {
        Socket near;
        test::RawSocket far;
    };

    Pair pair()
    {
        int fds[2];
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
        const int small = 4096;
        ::setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
        ::fcntl(fds[0], F_SETFL, O_NONBLOCK);
        return {Socket(io, FileDescriptor(fds[0])), test::RawSocket(FileDescriptor(fds[1]))};
    }

    /// Waits for either side as a coroutine would, and steps until nothing more can be done.
    State run()
    {
        auto state = pump.step();
        const auto may_go_on = [&] {
            return state == State::source_waits || state == State::sink_waits ||
                   state == State::moving;
        };
        for (int i = 0; i < 3 && may_go_on(); ++i) {
            source.near.wake_when_readable(ignore);
            sink.near.wake_when_writable(ignore);
            io.poll();
            io.restart();
            state = pump.step();
        }
        return state;
    }

    BodyPump::Plan plan(Framing framing, BodyKind sent_as)
    {
        return {.source = &source.near,
                .sink = &sink.near,
                .framing = framing,
                .sent_as = sent_as,
                .pieces = &blocks};
    }

    struct Ignore final : Wakeable {
        void wake() noexcept override {}
    };

    asio::io_context io{1};
    BufferPool blocks{16 * 1024, 4};
    Pair source = pair();
    Pair sink = pair();
    Ignore ignore;
    BodyPump pump;
    std::string early;
};

TEST_F(PumpTest, SendsHeadAndBodyTogether)
{
    early = "hello, and the next";
    pump.begin(plan({BodyKind::length, 5}, BodyKind::length), "head|", early);
    EXPECT_EQ(run(), State::done);
    EXPECT_EQ(sink.far.take(10), "head|hello");
    EXPECT_EQ(pump.leftover(), ", and the next");
    EXPECT_EQ(pump.bytes_sent(), 10U);
}

TEST_F(PumpTest, FramesAgainWhatItUnframed)
{
    struct Case {
        const char* name;
        BodyKind sent_as;
        std::string_view arrives;
        std::string_view leaves;
    };

    const Case cases[] = {
        {"chunks as one",         BodyKind::chunked,     "3\r\nhel\r\n2;x=1\r\nlo\r\n0\r\n\r\n",
         "5\r\nhello\r\n0\r\n\r\n"                                                                          },
        {"chunks as plain bytes", BodyKind::until_close, "3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n",
         "hello"                                                                                            },
        {"an empty body",         BodyKind::chunked,     "0\r\n\r\n",                            "0\r\n\r\n"},
        {"trailers",              BodyKind::chunked,     "1\r\nx\r\n0\r\nDigest: a\r\n\r\n",
         "1\r\nx\r\n0\r\nDigest: a\r\n\r\n"                                                                 },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        early = c.arrives;
        pump.begin(plan({BodyKind::chunked, 0}, c.sent_as), "", early);
        EXPECT_EQ(run(), State::done);
        EXPECT_EQ(sink.far.take(c.leaves.size()), c.leaves);
    }
}

TEST_F(PumpTest, EndsABodyThatLastsUntilTheSenderCloses)
{
    pump.begin(plan({BodyKind::until_close, 0}, BodyKind::chunked), "", {});
    source.far.send("all");
    source.far.finish_sending();
    EXPECT_EQ(run(), State::done);
    EXPECT_EQ(sink.far.take(13), "3\r\nall\r\n0\r\n\r\n");
}

TEST_F(PumpTest, NeverTakesATruncatedBodyForAWholeOne) // R14, R16
{
    for (const Framing framing : {
             Framing{BodyKind::length,  10},
             Framing{BodyKind::chunked, 0 }
    }) {
        source = pair();
        pump.begin(plan(framing, framing.kind), "", {});
        source.far.send("3\r\nx");
        source.far.finish_sending();
        EXPECT_EQ(run(), State::source_broken);
    }
}

TEST_F(PumpTest, StopsAtBadFramingAndAtTheLimit)
{
    early = "zz\r\n";
    pump.begin(plan({BodyKind::chunked, 0}, BodyKind::chunked), "", early);
    EXPECT_EQ(run(), State::malformed);

    early = "6\r\n123456\r\n0\r\n\r\n";
    auto limited = plan({BodyKind::chunked, 0}, BodyKind::chunked);
    limited.limit = 5;
    pump.begin(limited, "", early);
    EXPECT_EQ(run(), State::too_large);
}

TEST_F(PumpTest, ReadsNoFurtherThanTheReceiverTakes) // R61
{
    const std::string head(100, 'h');
    pump.begin(plan({BodyKind::length, 10 << 20}, BodyKind::length), head, {});
    State state{};
    std::size_t offered = 0;
    const std::string piece(1024, 'x');
    for (bool taken = true; taken;) {
        taken = ::send(source.far.native(), piece.data(), piece.size(),
                       MSG_NOSIGNAL | MSG_DONTWAIT) > 0;
        if (taken) offered += piece.size();
        state = run();
    }
    EXPECT_EQ(state, State::sink_waits);
    EXPECT_LT(offered, 1U << 20); // the kernel's buffers and one piece
    EXPECT_EQ(sink.far.take(100), head);
}

TEST_F(PumpTest, KeepsAHeadThatTheReceiverTakesSlowly)
{
    auto text = std::string(300'000, 'h') + "end";
    pump.begin(plan({}, BodyKind::none), text, {});
    auto state = pump.step();
    ASSERT_EQ(state, State::sink_waits);
    std::fill(text.begin(), text.end(), '!'); // the desk belongs to others by now
    std::string got;
    while (state != State::done) {
        got += sink.far.take(1024);
        state = run();
    }
    got += sink.far.take(300'003 - got.size());
    EXPECT_EQ(got, std::string(300'000, 'h') + "end");
}

TEST_F(PumpTest, GathersAWholeMessageAndSendsItLater)
{
    std::string head = "head|";
    early = "hello, and the next";
    pump.begin(plan({BodyKind::length, 5}, BodyKind::length), head, early);
    EXPECT_EQ(pump.gather(), State::done);
    EXPECT_EQ(pump.bytes_sent(), 0U);
    head = "!!!!!"; // the desk belongs to others by now
    EXPECT_EQ(pump.send_gathered(), State::done);
    EXPECT_EQ(sink.far.take(10), "head|hello");
    EXPECT_EQ(pump.leftover(), ", and the next");
    EXPECT_EQ(run(), State::done); // there is nothing more to do
    EXPECT_EQ(pump.bytes_sent(), 10U);
}

TEST_F(PumpTest, LeavesTheRestOfWhatItGatheredToTheNextSteps)
{
    struct Case {
        const char* name;
        Framing framing;
        const char* early;
        State gathered;
    };

    const Case cases[] = {
        {"half a body",     {BodyKind::length, 10}, "hello",                   State::moving   },
        {"no body yet",     {BodyKind::length, 10}, "",                        State::moving   },
        {"half the chunks", {BodyKind::chunked, 0}, "5\r\nhello\r\n",          State::moving   },
        {"all chunks",      {BodyKind::chunked, 0}, "5\r\nhello\r\n0\r\n\r\n", State::done     },
        {"bad chunks",      {BodyKind::chunked, 0}, "zz\r\n",                  State::malformed},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        early = c.early;
        pump.begin(plan(c.framing, c.framing.kind), "head|", early);
        EXPECT_EQ(pump.gather(), c.gathered);
        EXPECT_EQ(pump.bytes_sent(), 0U);
        if (c.gathered == State::malformed) continue;
        run();
        EXPECT_EQ(sink.far.take(pump.bytes_sent()).substr(0, 5), "head|");
    }
}

TEST_F(PumpTest, KeepsNoLongBodyWaitingForOthers)
{
    early.assign(Turn::longest_bytes, 'x');
    pump.begin(plan({BodyKind::length, early.size()}, BodyKind::length), "head|", early);
    EXPECT_EQ(pump.gather(), State::done);
    early += 'x';
    pump.begin(plan({BodyKind::length, early.size()}, BodyKind::length), "head|", early);
    EXPECT_EQ(pump.gather(), State::moving);
    EXPECT_EQ(pump.bytes_sent(), 0U);
    EXPECT_EQ(pump.step(), State::done);
    EXPECT_EQ(sink.far.take(5 + early.size()), "head|" + early);
}

TEST_F(PumpTest, SaysWhenTheReceiverOfWhatItGatheredIsGone)
{
    pump.begin(plan({}, BodyKind::none), "head|", {});
    EXPECT_EQ(pump.gather(), State::done);
    sink.far.close();
    EXPECT_EQ(pump.send_gathered(), State::sink_broken);
}

} // namespace
} // namespace gatehouse::gateway
