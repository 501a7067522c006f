#include "gateway/net/address.hpp"
#include "gateway/net/listen.hpp"
#include "tests/gateway/support/raw_socket.hpp"

#include <gtest/gtest.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <optional>

namespace gatehouse::gateway {
namespace {

TEST(Listen, GivesEveryWorkerASocketOnOnePort)
{
    const auto listener = open_listener("127.0.0.1:0", 4);
    ASSERT_TRUE(listener);
    EXPECT_EQ(listener->sockets.size(), 4U);
    EXPECT_NE(listener->port, 0);
    EXPECT_TRUE(test::RawSocket(listener->port).is_open());
}

TEST(Listen, HandsTheOptionsOfOurSocketsOnToWhatIsAccepted)
{
    const auto listener = open_listener("127.0.0.1:0", 1);
    ASSERT_TRUE(listener);
    const test::RawSocket client(listener->port);
    const FileDescriptor accepted(::accept(listener->sockets[0].get(), nullptr, nullptr));
    int value = 0;
    socklen_t size = sizeof value;
    ASSERT_EQ(::getsockopt(accepted.get(), IPPROTO_TCP, TCP_NODELAY, &value, &size), 0);
    EXPECT_NE(value, 0);
}

TEST(Listen, SaysWhenAnotherHasThePort)
{
    const auto first = open_listener("127.0.0.1:0", 2);
    ASSERT_TRUE(first);
    const auto address = "127.0.0.1:" + std::to_string(first->port);
    const auto second = open_listener(address, 2);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error(),
              "cannot listen on " + address + ": the port is in use by another process");
}

TEST(Listen, TakesThePortAgainAtOnceAfterConnectionsWereClosed)
{
    std::optional<SharedListener> listener(*open_listener("127.0.0.1:0", 1));
    const auto port = listener->port;
    {
        // The side that closes first keeps the port in TIME_WAIT.
        test::RawSocket client(port);
        test::RawSocket server(FileDescriptor(::accept(listener->sockets[0].get(), nullptr, 0)));
        server.close();
        EXPECT_TRUE(client.is_closed());
    }
    listener.reset();
    EXPECT_TRUE(open_listener("127.0.0.1:" + std::to_string(port), 2));
}

TEST(Listen, NamesWhatItCannotListenOn)
{
    for (const std::string address : {"nowhere", "127.0.0.1:99999", "192.0.2.1:0", "::1:80"}) {
        const auto listener = open_listener(address, 1);
        ASSERT_FALSE(listener) << address;
        EXPECT_NE(listener.error().find(address), std::string::npos);
    }
}

TEST(Address, TakesHostAndPortApart)
{
    struct Case {
        const char* text;
        const char* host; // null: refused
        int port;
    };

    const Case cases[] = {
        {"127.0.0.1:80", "127.0.0.1", 80  },
        {"[::1]:8080",   "::1",       8080},
        {"web:3000",     "web",       3000},
        {"::1:80",       nullptr,     0   },
        {"web",          nullptr,     0   },
        {"web:",         nullptr,     0   },
        {"web:70000",    nullptr,     0   },
        {":80",          nullptr,     0   },
        {"web:8a",       nullptr,     0   },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.text);
        const auto parsed = parse_host_port(c.text);
        ASSERT_EQ(parsed.has_value(), c.host != nullptr);
        if (!parsed) continue;
        EXPECT_EQ(parsed->host, c.host);
        EXPECT_EQ(parsed->port, c.port);
    }
}

TEST(Address, WritesAMappedAddressAsTheOneItIs)
{
    EXPECT_EQ(AddressText(*SocketAddress::parse("::ffff:192.0.2.1", 1)).view(), "192.0.2.1");
    EXPECT_EQ(AddressText(*SocketAddress::parse("192.0.2.1", 1)).view(), "192.0.2.1");
    EXPECT_EQ(AddressText(*SocketAddress::parse("2001:db8::1", 1)).view(), "2001:db8::1");
}

} // namespace
} // namespace gatehouse::gateway
