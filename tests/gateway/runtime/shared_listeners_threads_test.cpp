// Sockets that others listen on too: a service manager that gave them, a gateway that comes after.
#include "gateway/net/listen.hpp"
#include "gateway/runtime/listener_survey.hpp"
#include "tests/gateway/support/raw_backend.hpp"
#include "tests/gateway/support/test_gateway.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <thread>

namespace gatehouse::gateway::test {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

FileDescriptor copy_of(const FileDescriptor& socket)
{
    return FileDescriptor(::fcntl(socket.get(), F_DUPFD_CLOEXEC, 0));
}

ino_t number_of(const FileDescriptor& socket)
{
    struct stat facts{};
    EXPECT_EQ(::fstat(socket.get(), &facts), 0);
    return facts.st_ino;
}

/// Whether an event loop of this process has it registered with the kernel.
bool is_watched(const FileDescriptor& socket)
{
    const auto wanted = fmt::format(" ino:{:x} ", number_of(socket));
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fdinfo")) {
        std::ifstream facts(entry.path());
        for (std::string line; std::getline(facts, line);) {
            if (line.starts_with("tfd:") && (line + " ").find(wanted) != std::string::npos) {
                return true;
            }
        }
    }
    return false;
}

void wait_for(Worker& worker)
{
    std::promise<void> reached;
    worker.post([&] { reached.set_value(); });
    reached.get_future().get();
}

/// What waits in the queue of a listening socket, taken out of it.
std::size_t waiting_in(const FileDescriptor& socket)
{
    std::size_t count = 0;
    while (FileDescriptor(::accept(socket.get(), nullptr, nullptr)).is_open()) ++count;
    return count;
}

class SharedListeners : public ::testing::Test {
protected:
    SharedListeners() : opened(*open_listener("127.0.0.1:0", 1)) {}

    FileDescriptor& held() { return opened.sockets[0]; }

    /// Connects clients while the worker looks elsewhere, and then has it do `and_then`.
    void connect_unseen(int count, const std::function<void()>& and_then)
    {
        std::promise<void> looked_away;
        std::promise<void> go_on;
        gateway.worker().post([&] {
            looked_away.set_value();
            go_on.get_future().wait();
        });
        looked_away.get_future().wait();
        for (int i = 0; i < count; ++i) {
            clients.emplace_back(opened.port);
            clients.back().send(get);
        }
        and_then();
        go_on.set_value();
        wait_for(gateway.worker());
    }

    SharedListener opened;
    RawBackend backend{answering(ok("here"))};
    TestGateway gateway{public_route_to(backend.url())};
    std::vector<RawSocket> clients;
};

TEST_F(SharedListeners, LeaveTheirQueueToOthersWhenTheyClose)
{
    gateway.worker().open({copy_of(held()), nullptr, "second", true});
    wait_for(gateway.worker());
    connect_unseen(10, [&] { gateway.worker().close("second"); });
    EXPECT_EQ(waiting_in(held()), 10U);
}

TEST_F(SharedListeners, MayBecomeSharedWhileTheyAreListenedOn)
{
    gateway.worker().open({copy_of(held()), nullptr, "second"});
    wait_for(gateway.worker());
    connect_unseen(10, [&] {
        gateway.worker().share_listeners();
        gateway.worker().close("second");
    });
    EXPECT_EQ(waiting_in(held()), 10U);
}

TEST_F(SharedListeners, AreWatchedNoLongerWhenTheyAreClosed)
{
    gateway.worker().open({copy_of(held()), nullptr, "second"});
    RawSocket client(opened.port);
    client.send(get);
    EXPECT_EQ(read_response(client).body, "here");
    EXPECT_TRUE(is_watched(held()));
    gateway.worker().close("second");
    wait_for(gateway.worker());
    EXPECT_FALSE(is_watched(held()));
}

TEST_F(SharedListeners, AreAcceptedFromByAllWhoHaveThem)
{
    TestGateway other(public_route_to(backend.url()));
    gateway.worker().open({copy_of(held()), nullptr, "second", true});
    other.worker().open({copy_of(held()), nullptr, "second", true});
    const auto ask_some = [&] {
        for (int i = 0; i < 50; ++i) {
            RawSocket client(opened.port);
            client.send(get);
            EXPECT_EQ(read_response(client).body, "here");
        }
    };
    ask_some();
    gateway.worker().drain();
    EXPECT_EQ(gateway.worker().join(), Worker::End::idle);
    ask_some(); // the other one's alone
}

TEST(ListenerCopies, AreOfAllSocketsOfAllWorkers)
{
    RawBackend backend(answering(ok("here")));
    TestGateway gateway(public_route_to(backend.url()), 2);
    auto opened = open_listener("127.0.0.1:0", 2);
    for (std::size_t i = 0; i < 2; ++i) {
        gateway.worker(i).open({copy_of(opened->sockets[i]), nullptr, "by a reload"});
    }
    const auto copies = copy_listeners(gateway.workers(), 10s);
    ASSERT_TRUE(copies);
    ASSERT_EQ(copies->size(), 4U);
    for (std::size_t i = 0; i < 2; ++i) {
        const auto& [address, admin, socket] = (*copies)[2 * i + 1];
        EXPECT_EQ(address, "by a reload");
        EXPECT_FALSE(admin);
        EXPECT_EQ(number_of(socket), number_of(opened->sockets[i]));
        EXPECT_EQ(::fcntl(socket.get(), F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    }
    gateway.worker(1).drain();
    (void)gateway.worker(1).join();
    EXPECT_FALSE(copy_listeners(gateway.workers(), 50ms)) << "one of them has ended";
}

} // namespace
} // namespace gatehouse::gateway::test
