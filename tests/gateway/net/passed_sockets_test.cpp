#include "gateway/net/passed_sockets.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <array>

namespace gatehouse::gateway {
namespace {

struct Pair {
    Pair()
    {
        std::array<int, 2> ends{-1, -1};
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
        ours = FileDescriptor(ends[0]);
        theirs = FileDescriptor(ends[1]);
    }

    FileDescriptor ours;
    FileDescriptor theirs;
};

ino_t number_of(int socket)
{
    struct stat facts{};
    EXPECT_EQ(::fstat(socket, &facts), 0);
    return facts.st_ino;
}

TEST(PassedSockets, ArriveInTheirOrderBesideTheText)
{
    Pair line;
    const Pair first;
    const Pair second;
    const std::array<int, 2> sockets{first.ours.get(), second.ours.get()};
    ASSERT_TRUE(pass(line.ours.get(), "two", sockets));
    ASSERT_TRUE(pass(line.ours.get(), "none", {}));
    line.ours.reset();
    Passed passed;
    while (read_passed(line.theirs.get(), passed) == Reading::more) {
    }
    EXPECT_EQ(passed.text, "twonone");
    EXPECT_TRUE(passed.complete);
    ASSERT_EQ(passed.descriptors.size(), 2U);
    for (std::size_t i = 0; i < sockets.size(); ++i) {
        const int fd = passed.descriptors[i].get();
        EXPECT_NE(fd, sockets[i]);
        EXPECT_EQ(number_of(fd), number_of(sockets[i]));
        EXPECT_EQ(::fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    }
}

TEST(PassedSockets, AreAsManyAsOneMessageTakes)
{
    const Pair line;
    const Pair one;
    const std::vector<int> many(most_passed_at_once, one.ours.get());
    ASSERT_TRUE(pass(line.ours.get(), "x", many));
    Passed passed;
    EXPECT_EQ(read_passed(line.theirs.get(), passed), Reading::more);
    EXPECT_EQ(passed.descriptors.size(), most_passed_at_once);
}

TEST(PassedSockets, AreNotSentToWhoIsGone)
{
    Pair line;
    line.theirs.reset();
    const std::array<int, 1> sockets{line.ours.get()};
    EXPECT_FALSE(pass(line.ours.get(), "x", sockets));
    Passed passed;
    EXPECT_EQ(read_passed(line.ours.get(), passed), Reading::ended);
}

} // namespace
} // namespace gatehouse::gateway
