// A gateway gives its sockets away, and waits to hear what came of it.
#include "gateway/net/listen.hpp"
#include "gateway/net/passed_sockets.hpp"
#include "gateway/runtime/hand_over.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <optional>
#include <thread>

namespace gatehouse::gateway {
namespace {

ino_t number_of(int socket)
{
    struct stat facts{};
    EXPECT_EQ(::fstat(socket, &facts), 0);
    return facts.st_ino;
}

class HandOverTest : public ::testing::Test {
protected:
    HandOverTest() : listener(*open_listener("127.0.0.1:0", 3))
    {
        std::array<int, 2> ends{-1, -1};
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
        ours = FileDescriptor(ends[0]);
        theirs = FileDescriptor(ends[1]);
        hand_over.emplace(
            HandOver::Rooms{[this] { return copies(); }, [this] { left = true; }, log});
    }

    [[nodiscard]] std::optional<std::vector<ListenerCopy>> copies() const
    {
        std::vector<ListenerCopy> all;
        for (const auto& socket : listener.sockets) {
            all.push_back({"a", false, FileDescriptor(::fcntl(socket.get(), F_DUPFD_CLOEXEC, 0))});
        }
        return all;
    }

    /// What a successor gets; the first one is its line.
    std::vector<FileDescriptor> take()
    {
        Passed passed;
        EXPECT_EQ(read_passed(theirs.get(), passed), Reading::more);
        EXPECT_EQ(passed.text, hand_over_interim);
        return std::move(passed.descriptors);
    }

    /// Gives as soon as nobody else is waited for.
    void give_again()
    {
        while (!hand_over->give(ours.get())) std::this_thread::yield();
    }

    SharedListener listener;
    FileDescriptor ours;
    FileDescriptor theirs;
    LogWriter writer{::open("/dev/null", O_WRONLY | O_CLOEXEC), 1};
    EventLog log{writer, config::LogSettings{}};
    std::atomic<bool> left{false};
    std::optional<HandOver> hand_over;
};

TEST_F(HandOverTest, PassesEverySocketAndLeavesWhenTheOtherServes)
{
    const auto given = hand_over->give(ours.get());
    ASSERT_TRUE(given) << given.error();
    EXPECT_EQ(*given, 3U);
    const auto sockets = take();
    ASSERT_EQ(sockets.size(), 4U);
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_EQ(number_of(sockets[i + 1].get()), number_of(listener.sockets[i].get()));
    }
    EXPECT_FALSE(left);
    EXPECT_TRUE(hand_over->is_waiting());
    EXPECT_EQ(::write(sockets[0].get(), &hand_over_ready, 1), 1);
    while (!left) std::this_thread::yield();
}

TEST_F(HandOverTest, GoesOnWhenTheOtherEndsOrSaysSomethingElse)
{
    for (const bool says_something : {false, true}) {
        give_again();
        auto sockets = take();
        if (says_something) {
            EXPECT_EQ(::write(sockets[0].get(), "?", 1), 1);
        }
        sockets.clear();
    }
    give_again(); // it is over: the next one may come
    EXPECT_FALSE(left);
}

TEST_F(HandOverTest, GivesToOneAtATime)
{
    ASSERT_TRUE(hand_over->give(ours.get()));
    const auto first = take();
    const auto second = hand_over->give(ours.get());
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error(), "Another process is about to take over");
}

TEST_F(HandOverTest, MayEndWhileItWaits)
{
    ASSERT_TRUE(hand_over->give(ours.get()));
    const auto sockets = take();
    hand_over.reset();
    EXPECT_FALSE(left);
}

TEST_F(HandOverTest, SaysThatSocketsCannotBePassed)
{
    theirs.reset();
    const auto given = hand_over->give(ours.get());
    ASSERT_FALSE(given);
    EXPECT_EQ(given.error(), "The sockets cannot be passed: Broken pipe");
    EXPECT_FALSE(hand_over->is_waiting());
}

} // namespace
} // namespace gatehouse::gateway
