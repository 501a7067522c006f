#include "gateway/upstream/connect.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <optional>
#include <vector>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;

/// A port at an address of loopback's.
struct Listener {
    Listener(const char* host, in_port_t port, int backlog)
        : socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
    {
        address.sin_family = AF_INET;
        address.sin_port = port;
        EXPECT_EQ(::inet_pton(AF_INET, host, &address.sin_addr), 1);
        socklen_t size = sizeof address;
        EXPECT_EQ(::bind(socket.get(), raw(), size), 0);
        EXPECT_EQ(::listen(socket.get(), backlog), 0);
        EXPECT_EQ(::getsockname(socket.get(), raw(), &size), 0);
    }

    [[nodiscard]] sockaddr* raw() { return reinterpret_cast<sockaddr*>(&address); }

    [[nodiscard]] SocketAddress where() { return {raw(), sizeof address}; }

    sockaddr_in address{};
    FileDescriptor socket;
};

/// Takes as many connections as fit in, and from then on answers nobody at all.
class Mute : public Listener {
public:
    explicit Mute(const char* host, in_port_t port) : Listener(host, port, 0)
    {
        for (bool taken = true; taken;) {
            FileDescriptor& one = waiting_.emplace_back(
                ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
            (void)::connect(one.get(), raw(), sizeof address);
            pollfd state{one.get(), POLLOUT, 0};
            taken = ::poll(&state, 1, 100) == 1; // loopback needs microseconds
        }
    }

private:
    std::vector<FileDescriptor> waiting_;
};

class ConnectTest : public testing::Test {
protected:
    std::optional<Opened> open(std::vector<SocketAddress> known)
    {
        const EndpointTarget target;
        const Connecting connecting{.io = io,
                                    .timers = timers,
                                    .resolver = resolver,
                                    .waiter = waiter,
                                    .limit = limit,
                                    .patience = patience,
                                    .known = known};
        limit.arm(timers, patience, waiter);
        std::optional<Opened> opened;
        boost::asio::co_spawn(
            io, [&]() -> Task<void> { opened = co_await open_socket(target, connecting); },
            boost::asio::detached);
        while (!opened) io.run_one();
        return opened;
    }

    asio::io_context io{1};
    Timers timers{io};
    Resolver resolver{io};
    Waiter waiter;
    Deadline limit;
    std::chrono::milliseconds patience = 6s; // a machine may stop for a while
};

TEST_F(ConnectTest, GoesOnToTheNextAddressWhenOneAnswersNothing)
{
    Listener good("127.0.0.3", 0, 1);
    Mute mute("127.0.0.2", good.address.sin_port);
    const auto opened = open({mute.where(), good.where()});
    ASSERT_TRUE(opened && *opened);
    sockaddr_in peer{};
    socklen_t size = sizeof peer;
    ASSERT_EQ(::getpeername((*opened)->native(), reinterpret_cast<sockaddr*>(&peer), &size), 0);
    EXPECT_EQ(peer.sin_addr.s_addr, good.address.sin_addr.s_addr);
    EXPECT_FALSE(limit.has_passed());
}

TEST_F(ConnectTest, GoesOnToTheNextAddressWhenOneRefuses)
{
    Listener good("127.0.0.3", 0, 1);
    sockaddr_in nobody = good.address;
    ASSERT_EQ(::inet_pton(AF_INET, "127.0.0.2", &nobody.sin_addr), 1);
    const auto opened =
        open({SocketAddress(reinterpret_cast<sockaddr*>(&nobody), sizeof nobody), good.where()});
    EXPECT_TRUE(opened && *opened);
}

TEST_F(ConnectTest, TimesOutWhenNoAddressAnswers)
{
    patience = 50ms;
    Mute mute("127.0.0.2", 0);
    const auto opened = open({mute.where(), mute.where()});
    ASSERT_TRUE(opened && !*opened);
    EXPECT_EQ(opened->error(), RefusalCode::upstream_timeout);
    EXPECT_TRUE(limit.has_passed());
}

} // namespace
} // namespace gatehouse::gateway
