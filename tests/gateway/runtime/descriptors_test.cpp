#include "tests/gateway/support/raw_backend.hpp"
#include "tests/gateway/support/test_gateway.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <utility>
#include <vector>

namespace gatehouse::gateway::test {
namespace {

using namespace std::chrono_literals;

/// Takes every descriptor this process may still open, until it goes away.
class NoDescriptorLeft {
public:
    NoDescriptorLeft()
    {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        auto low = before_;
        low.rlim_cur = 256;
        ::setrlimit(RLIMIT_NOFILE, &low);
        for (;;) {
            FileDescriptor fd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
            if (!fd.is_open()) break;
            taken_.push_back(std::move(fd));
        }
    }

    ~NoDescriptorLeft() { ::setrlimit(RLIMIT_NOFILE, &before_); }

private:
    rlimit before_{};
    std::vector<FileDescriptor> taken_;
};

std::chrono::microseconds processor_time()
{
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto of = [](const timeval& t) {
        return std::chrono::seconds{t.tv_sec} + std::chrono::microseconds{t.tv_usec};
    };
    return of(usage.ru_utime) + of(usage.ru_stime);
}

TEST(Descriptors, WhenNoneIsLeftNewClientsWaitAndOldOnesAreServed) // R64
{
    RawBackend backend(answering(ok("served")));
    auto settings = public_route_to(backend.url());
    settings.deadlines.head = 100ms;
    TestGateway gateway(std::move(settings));
    constexpr std::string_view get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    // All that is called below has been called before, timers too: UBSan opens a pipe for what it
    // has not seen.
    auto older = gateway.connect();
    older.send(get);
    ASSERT_EQ(read_response(older).status(), 200U);
    older.send("GET / HT");
    ASSERT_EQ(read_response(older).status(), 408U);
    auto old = gateway.connect();
    for (int i = 0; i < 2; ++i) {
        old.send(get);
        ASSERT_EQ(read_response(old).status(), 200U);
    }
    auto waiting = RawSocket(FileDescriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)));
    {
        const NoDescriptorLeft exhausted;
        sockaddr_in where{};
        where.sin_family = AF_INET;
        where.sin_port = htons(gateway.port());
        where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const auto* raw = static_cast<const sockaddr*>(static_cast<const void*>(&where));
        ASSERT_EQ(::connect(waiting.native(), raw, sizeof where), 0); // the kernel's queue
        waiting.send(get);
        const auto before = processor_time();
        EXPECT_TRUE(waiting.is_silent_for(300ms));
        EXPECT_LT(processor_time() - before, 150ms); // no core spins meanwhile
        old.send(get);
        EXPECT_EQ(read_response(old).status(), 200U);
    }
    EXPECT_EQ(read_response(waiting).body, "served");
}

} // namespace
} // namespace gatehouse::gateway::test
