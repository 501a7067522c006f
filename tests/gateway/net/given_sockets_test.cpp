#include "gateway/net/given_sockets.hpp"
#include "gateway/net/listen.hpp"
#include "tests/gateway/support/raw_socket.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <set>
#include <string>
#include <vector>

namespace gatehouse::gateway {
namespace {

FileDescriptor copy_of(const FileDescriptor& socket)
{
    return FileDescriptor(::dup(socket.get()));
}

/// As a service manager opens it: it blocks and survives an exec.
FileDescriptor listening_at(const std::string& host, int backlog = 16)
{
    const auto address = *SocketAddress::parse(host, 0);
    FileDescriptor socket(::socket(address.family(), SOCK_STREAM, 0));
    EXPECT_EQ(::bind(socket.get(), address.get(), address.size()), 0);
    EXPECT_EQ(::listen(socket.get(), backlog), 0);
    return socket;
}

std::uint16_t port_of(const FileDescriptor& socket)
{
    return SocketAddress::of_socket(socket.get())->port();
}

ino_t number_of(const FileDescriptor& socket)
{
    struct stat facts{};
    EXPECT_EQ(::fstat(socket.get(), &facts), 0);
    return facts.st_ino;
}

template <class... Sockets>
GivenSockets given(Sockets... sockets)
{
    std::vector<FileDescriptor> all;
    (all.push_back(std::move(sockets)), ...);
    auto taken = GivenSockets::from(std::move(all));
    EXPECT_TRUE(taken) << taken.error();
    return *std::move(taken);
}

std::string at(const char* host, std::uint16_t port)
{
    return std::string(host) + ":" + std::to_string(port);
}

TEST(GivenSockets, AreClosedOnExecAndNeverBlock)
{
    auto sockets = given(listening_at("127.0.0.1"));
    const auto taken = sockets.take(*SocketAddress::parse("127.0.0.1", 0));
    ASSERT_EQ(taken.size(), 1U);
    EXPECT_EQ(::fcntl(taken[0].get(), F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    EXPECT_EQ(::fcntl(taken[0].get(), F_GETFL) & O_NONBLOCK, O_NONBLOCK);
}

TEST(GivenSockets, MustListenForTcp)
{
    struct Case {
        const char* name;
        FileDescriptor socket;
        const char* complaint;
    };

    FileDescriptor local(::socket(AF_UNIX, SOCK_STREAM, 0));
    Case cases[] = {
        {"datagrams", FileDescriptor(::socket(AF_INET, SOCK_DGRAM, 0)), "is not a TCP socket"},
        {"not listening", FileDescriptor(::socket(AF_INET, SOCK_STREAM, 0)), "does not listen"},
        {"a unix socket", std::move(local), "is a unix socket"},
        {"a file", FileDescriptor(::open("/dev/null", O_RDONLY)), "is no socket"},
        {"nothing", FileDescriptor(), "is no socket"},
    };
    for (auto& c : cases) {
        SCOPED_TRACE(c.name);
        std::vector<FileDescriptor> one;
        one.push_back(std::move(c.socket));
        const auto taken = GivenSockets::from(std::move(one));
        ASSERT_FALSE(taken);
        EXPECT_NE(taken.error().find(c.complaint), std::string::npos) << taken.error();
    }
}

TEST(GivenSockets, AreTakenByExactlyTheirAddress)
{
    auto v4 = listening_at("127.0.0.1");
    const auto port = port_of(v4);

    struct Case {
        const char* host;
        std::uint16_t port;
        bool taken;
    };

    const Case cases[] = {
        {"127.0.0.1",        port,                                 true },
        {"127.0.0.1",        0,                                    true },
        {"127.0.0.1",        static_cast<std::uint16_t>(port + 1), false},
        {"127.0.0.2",        port,                                 false},
        {"0.0.0.0",          port,                                 false},
        {"::ffff:127.0.0.1", port,                                 false},
        {"::",               0,                                    false},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(at(c.host, c.port));
        auto sockets = given(copy_of(v4));
        EXPECT_EQ(sockets.take(*SocketAddress::parse(c.host, c.port)).size(), c.taken ? 1U : 0U);
        EXPECT_EQ(sockets.first_left(), c.taken ? "" : at("127.0.0.1", port));
    }
    auto any = given(listening_at("::1"));
    EXPECT_TRUE(any.take(*SocketAddress::parse("::", 0)).empty());
    EXPECT_EQ(any.take(*SocketAddress::parse("::1", 0)).size(), 1U);
}

TEST(OpenListeners, TakesWhatWasGivenAndBindsTheRest)
{
    auto held = listening_at("127.0.0.1");
    const std::vector<WantedListener> wanted{
        {"127.0.0.1:0", 2},
        {at("127.0.0.1", port_of(held)), 2},
        {"127.0.0.2:0", 1}
    };
    // Without the sockets the second would be in use by another process: by us, who hold it.
    const auto all = open_listeners(wanted, given(copy_of(held)));
    ASSERT_TRUE(all) << all.error();
    EXPECT_FALSE((*all)[0].given); // for the port was named by somebody else
    EXPECT_TRUE((*all)[1].given);
    EXPECT_FALSE((*all)[2].given);
    EXPECT_EQ((*all)[1].port, port_of(held));
    EXPECT_NE((*all)[0].port, (*all)[1].port);
}

TEST(OpenListeners, LetsWorkersShareWhatIsTooFewAndListensOnAllThatIsTooMuch)
{
    const auto held = listening_at("127.0.0.1");
    const std::vector<WantedListener> by_three{
        {"127.0.0.1:0", 3}
    };
    const auto shared = open_listeners(by_three, given(copy_of(held)));
    ASSERT_TRUE(shared) << shared.error();
    ASSERT_EQ((*shared)[0].sockets.size(), 3U);
    for (const auto& socket : (*shared)[0].sockets) EXPECT_EQ(number_of(socket), number_of(held));

    // As of a gateway with four workers before us.
    auto before = open_listener("127.0.0.1:0", 4);
    ASSERT_TRUE(before);
    std::set<ino_t> queues;
    std::vector<FileDescriptor> all;
    for (const auto& socket : before->sockets) {
        queues.insert(number_of(socket));
        all.push_back(copy_of(socket));
        all.push_back(copy_of(socket)); // its workers shared sockets too
    }
    const std::vector<WantedListener> by_two{
        {at("127.0.0.1", before->port), 2}
    };
    const auto many = open_listeners(by_two, *GivenSockets::from(std::move(all)));
    ASSERT_TRUE(many) << many.error();
    ASSERT_EQ((*many)[0].sockets.size(), 4U);
    for (const auto& socket : (*many)[0].sockets) queues.erase(number_of(socket));
    EXPECT_TRUE(queues.empty());
}

TEST(OpenListeners, HasWhoeverConnectedBeforeInItsQueue)
{
    auto held = listening_at("127.0.0.1");
    const test::RawSocket early(port_of(held));
    const std::vector<WantedListener> wanted{
        {"127.0.0.1:0", 1}
    };
    const auto all = open_listeners(wanted, given(std::move(held)));
    ASSERT_TRUE(all) << all.error();
    const FileDescriptor accepted(::accept((*all)[0].sockets[0].get(), nullptr, nullptr));
    ASSERT_TRUE(accepted.is_open());
    int value = 0;
    socklen_t size = sizeof value;
    ASSERT_EQ(::getsockopt((*all)[0].sockets[0].get(), IPPROTO_TCP, TCP_NODELAY, &value, &size), 0);
    EXPECT_NE(value, 0);
}

TEST(OpenListeners, NamesWhatNobodyWants)
{
    auto held = listening_at("127.0.0.1");
    const auto port = port_of(held);
    const std::vector<WantedListener> wanted{
        {at("0.0.0.0", port), 1}
    };
    const auto all = open_listeners(wanted, given(std::move(held)));
    ASSERT_FALSE(all);
    EXPECT_EQ(all.error(), "a socket that listens on " + at("127.0.0.1", port) +
                               " was given, and neither `listen` nor `admin` names that address");
}

TEST(OpenListeners, DropsWhatNobodyWantsOfAGatewayBeforeUs)
{
    auto before = open_listener("127.0.0.1:0", 1);
    ASSERT_TRUE(before);
    std::vector<FileDescriptor> sockets;
    sockets.push_back(copy_of(before->sockets[0]));
    auto given = GivenSockets::from(std::move(sockets), GivenSockets::Unwanted::dropped);
    ASSERT_TRUE(given) << given.error();
    // It listens on the port still, at another host: that is no reason not to.
    const std::vector<WantedListener> wanted{
        {at("0.0.0.0", before->port), 2}
    };
    const auto all = open_listeners(wanted, *std::move(given));
    ASSERT_TRUE(all) << all.error();
    EXPECT_FALSE((*all)[0].given);
    EXPECT_EQ((*all)[0].sockets.size(), 2U);
}

} // namespace
} // namespace gatehouse::gateway
