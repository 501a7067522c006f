#include "gateway/net/listen.hpp"
#include "gateway/net/socket.hpp"
#include "tests/gateway/support/raw_socket.hpp"

#include <gtest/gtest.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace gatehouse::gateway {
namespace {

using State = Transfer::State;

class Counted final : public Wakeable {
public:
    void wake() noexcept override { ++times; }

    int times = 0;
};

class SocketTest : public testing::Test {
protected:
    SocketTest() : listener_(*open_listener("127.0.0.1:0", 1)), peer(listener_.port) {}

    FileDescriptor accept()
    {
        const int listening = listener_.sockets.front().get();
        return FileDescriptor(::accept4(listening, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    }

    SharedListener listener_;

public:
    test::RawSocket peer;
    asio::io_context io;
    std::array<char, 64> room{};
};

iovec piece(std::string_view text)
{
    return {const_cast<char*>(text.data()), text.size()};
}

TEST_F(SocketTest, IsTriedFirstAndWatchedWhenItHasToWait)
{
    auto socket = Socket::unwatched(io, accept());
    EXPECT_EQ(socket.read(room).state, State::would_block);
    Counted waiter;
    socket.wake_when_readable(waiter);
    io.poll();
    EXPECT_EQ(waiter.times, 0);
    peer.send("hello");
    io.restart();
    io.run();
    EXPECT_EQ(waiter.times, 1);
    EXPECT_EQ(socket.read(room).bytes, 5U);
    EXPECT_FALSE(socket.may_have_data());
}

TEST_F(SocketTest, HearsOfWhatCameBetweenTheLookAndTheWait)
{
    auto socket = Socket::unwatched(io, accept());
    EXPECT_EQ(socket.read(room).state, State::would_block);
    peer.send("hello");
    Counted waiter;
    socket.wake_when_readable(waiter);
    io.run();
    EXPECT_EQ(waiter.times, 1);
    EXPECT_EQ(socket.read(room).bytes, 5U);
}

/// Waits until the loop has heard of something to read.
void wait_for(Socket& socket, asio::io_context& io)
{
    Counted waiter;
    socket.wake_when_readable(waiter);
    io.restart();
    io.run();
    EXPECT_EQ(waiter.times, 1);
}

/// An edge tells of bytes and end together, and only once.
TEST_F(SocketTest, KnowsOfAnEndThatCameWithTheBytes)
{
    auto socket = Socket::unwatched(io, accept());
    EXPECT_EQ(socket.read(room).state, State::would_block);
    peer.send("hello");
    peer.finish_sending();
    wait_for(socket, io);
    EXPECT_EQ(socket.read(room).bytes, 5U);
    EXPECT_TRUE(socket.may_have_data());
    EXPECT_EQ(socket.read(room).state, State::ended);
}

TEST_F(SocketTest, HearsOfAnEndThatCameBehindTheBytes)
{
    auto socket = Socket::unwatched(io, accept());
    EXPECT_EQ(socket.read(room).state, State::would_block);
    peer.send("hello");
    wait_for(socket, io);
    peer.finish_sending(); // the loop has looked, and nobody has read
    EXPECT_EQ(socket.read(room).bytes, 5U);
    wait_for(socket, io);
    EXPECT_EQ(socket.read(room).state, State::ended);
}

TEST_F(SocketTest, HearsOfAnEndThatCameBeforeItWasWatched)
{
    auto socket = Socket::unwatched(io, accept());
    peer.send("hello");
    peer.finish_sending();
    EXPECT_EQ(socket.read(room).bytes, 5U);
    wait_for(socket, io);
    EXPECT_EQ(socket.read(room).state, State::ended);
}

TEST_F(SocketTest, HearsOfAnEndWhileNobodyWaits)
{
    auto socket = Socket::unwatched(io, accept());
    EXPECT_EQ(socket.read(room).state, State::would_block);
    peer.send("hello");
    wait_for(socket, io);
    EXPECT_EQ(socket.read(room).bytes, 5U);
    peer.finish_sending();
    io.restart();
    io.poll();
    wait_for(socket, io);
    EXPECT_EQ(socket.read(room).state, State::ended);
}

TEST_F(SocketTest, DoesNotKnowWhetherAFullReadLeftSomething)
{
    auto socket = Socket::unwatched(io, accept());
    peer.send("hello, world");
    EXPECT_EQ(socket.read(std::span(room).first(5)).bytes, 5U);
    EXPECT_TRUE(socket.may_have_data());
    EXPECT_EQ(socket.read(std::span(room).first(7)).bytes, 7U);
    EXPECT_TRUE(socket.may_have_data());
    EXPECT_EQ(socket.read(room).state, State::would_block);
    EXPECT_FALSE(socket.may_have_data());
}

TEST_F(SocketTest, DoesNotTakeUrgentDataForTheEndOfAll) // a read stops in front of it
{
    auto socket = Socket::unwatched(io, accept());
    EXPECT_EQ(socket.read(room).state, State::would_block);
    peer.send("hello");
    ASSERT_EQ(::send(peer.native(), "!", 1, MSG_OOB), 1);
    peer.send("world");
    wait_for(socket, io);
    EXPECT_EQ(socket.read(room).bytes, 5U);
    EXPECT_TRUE(socket.may_have_data());
    EXPECT_EQ(socket.read(room).bytes, 5U);
}

/// Closes another socket, which the loop has heard of too.
class Closer final : public Wakeable {
public:
    explicit Closer(Socket& whom) : other(whom) {}

    void wake() noexcept override { other.close(); }

    Socket& other;
};

TEST_F(SocketTest, MayBeClosedWhileWordOfItIsOnItsWay)
{
    auto first = Socket::unwatched(io, accept());
    test::RawSocket second_peer(listener_.port);
    auto second = Socket::unwatched(io, accept());
    EXPECT_EQ(first.read(room).state, State::would_block);
    EXPECT_EQ(second.read(room).state, State::would_block);
    Closer closes_second(second);
    Closer closes_first(first);
    first.wake_when_readable(closes_second);
    second.wake_when_readable(closes_first);
    io.poll(); // both are registered, and quiet
    peer.send("x");
    second_peer.send("x");
    io.restart();
    io.run(); // whichever comes first closes the other, of which nobody is told any more
    EXPECT_NE(first.is_open(), second.is_open());
}

TEST_F(SocketTest, TellsWhoReadsAndWhoWrites)
{
    auto socket = Socket::unwatched(io, accept());
    EXPECT_EQ(socket.read(room).state, State::would_block);
    Counted reader;
    Counted writer;
    socket.wake_when_readable(reader);
    socket.wake_when_writable(writer);
    peer.send("x");
    io.run();
    EXPECT_EQ(reader.times, 1);
    EXPECT_EQ(writer.times, 1);
}

TEST_F(SocketTest, FailsWhenTheLoopCannotWatchIt) // and nobody waits for ever, or again and again
{
    const int fd = accept().release();
    Socket watched(io, FileDescriptor(fd));
    auto refused = Socket::unwatched(io, FileDescriptor(fd)); // EEXIST stands for ENOSPC
    EXPECT_EQ(refused.read(room).state, State::would_block);
    Counted waiter;
    refused.wake_when_readable(waiter);
    io.poll();
    EXPECT_EQ(waiter.times, 1);
    const auto text = piece("x");
    EXPECT_EQ(refused.read(room).state, State::failed);
    EXPECT_EQ(refused.discard(1).state, State::failed);
    EXPECT_EQ(refused.write({&text, 1}).state, State::failed);
}

/// How many segments have come in. The C library's tcp_info ends before the kernel's.
std::uint32_t segments_in(const test::RawSocket& socket)
{
    struct {
        tcp_info known;
        std::uint64_t pacing_rates_and_bytes[4];
        std::uint32_t segments_out;
        std::uint32_t segments_in;
    } facts{};

    socklen_t size = sizeof facts;
    EXPECT_EQ(::getsockopt(socket.native(), IPPROTO_TCP, TCP_INFO, &facts, &size), 0);
    EXPECT_EQ(size, sizeof facts);
    return facts.segments_in;
}

TEST_F(SocketTest, SendsTheLastBytesAndTheEndTogether)
{
    auto socket = Socket::unwatched(io, accept());
    const auto before = segments_in(peer);
    const iovec pieces[] = {piece("the last "), piece("bytes")};
    EXPECT_EQ(socket.write_last(pieces).bytes, 14U);
    EXPECT_EQ(peer.take_all(), "the last bytes");
    EXPECT_EQ(peer.end(), test::RawSocket::End::closed);
    EXPECT_EQ(segments_in(peer) - before, 1U);
}

TEST_F(SocketTest, DoesNotEndBeforeTheLastByteIsTaken)
{
    auto fd = accept();
    const int little = 4096;
    ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDBUF, &little, sizeof little);
    auto socket = Socket::unwatched(io, std::move(fd));
    const std::string text(8 << 20, 'x');
    std::size_t sent = 0;
    std::size_t got = 0;
    while (sent < text.size()) {
        const auto rest = piece(std::string_view{text}.substr(sent));
        const auto last = socket.write_last({&rest, 1});
        ASSERT_NE(last.state, State::failed);
        sent += last.bytes;
        if (last.state == State::moved) continue;
        const auto taken = peer.take(sent - got).size();
        ASSERT_EQ(taken, sent - got); // it ended too early
        got += taken;
        Counted waiter;
        socket.wake_when_writable(waiter);
        io.restart();
        io.run();
    }
    EXPECT_EQ(got + peer.take_all().size(), text.size());
    EXPECT_EQ(peer.end(), test::RawSocket::End::closed);
}

/// How a new socket sends that was set to `control` and then to our options.
std::string control_after_ours(const std::string& control, const std::string& host)
{
    const auto address = *SocketAddress::parse(host, 80);
    const FileDescriptor socket(::socket(address.family(), SOCK_STREAM, 0));
    if (::setsockopt(socket.get(), IPPROTO_TCP, TCP_CONGESTION, control.data(),
                     static_cast<socklen_t>(control.size())) != 0) {
        return "unknown here";
    }
    set_tcp_options(socket.get(), address);
    std::array<char, 16> name{};
    socklen_t size = name.size();
    if (::getsockopt(socket.get(), IPPROTO_TCP, TCP_CONGESTION, name.data(), &size) != 0) return {};
    return name.data();
}

TEST(TcpOptions, DoNotPaceWhatStaysOnThisMachine)
{
    if (control_after_ours("bbr", "192.0.2.1") == "unknown here") GTEST_SKIP() << "no BBR here";
    for (const auto* near : {"127.0.0.1", "127.200.0.9", "::1", "::ffff:127.0.0.1"}) {
        EXPECT_EQ(control_after_ours("bbr", near), "reno") << near;
    }
    for (const auto* far : {"192.0.2.1", "0.0.0.0", "128.0.0.1", "::", "2001:db8::1",
                            "::ffff:192.0.2.1", "fe80::1"}) {
        EXPECT_EQ(control_after_ours("bbr", far), "bbr") << far;
    }
}

TEST(TcpOptions, LeaveTheMachinesChoiceAloneWhereItDoesNotPace)
{
    for (const std::string control : {"reno", "cubic"}) {
        const auto after = control_after_ours(control, "127.0.0.1");
        EXPECT_TRUE(after == control || after == "unknown here") << after;
    }
}

} // namespace
} // namespace gatehouse::gateway
