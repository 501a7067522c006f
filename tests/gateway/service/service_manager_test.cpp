#include "gateway/service/service_manager.hpp"
#include "tests/gateway/service/manager_socket.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ctime>

namespace gatehouse::gateway {
namespace {

using test::ManagerSocket;
using testing::HasSubstr;
using testing::StartsWith;

TEST(NotifySocket, ReachesPathsAndAbstractNames)
{
    for (const auto kind : {ManagerSocket::Kind::path, ManagerSocket::Kind::abstract}) {
        const ManagerSocket manager(kind);
        SCOPED_TRACE(manager.address());
        const auto socket = NotifySocket::open(manager.address());
        ASSERT_TRUE(socket) << socket.error();
        EXPECT_TRUE(socket->tell("READY=1\n"));
        EXPECT_EQ(manager.heard(), "READY=1\n");
    }
}

TEST(NotifySocket, SaysWhatIsNoAddress)
{
    for (const auto& address :
         {std::string("run/notify"), std::string("/"), std::string("@"), std::string("vsock:2:1"),
          "/" + std::string(107, 'a'), "@" + std::string(108, 'a')}) {
        const auto socket = NotifySocket::open(address);
        ASSERT_FALSE(socket) << address;
        EXPECT_THAT(socket.error(), HasSubstr("NOTIFY_SOCKET is \"" + address + "\""));
    }
    EXPECT_TRUE(NotifySocket::open("/" + std::string(106, 'a')));
    EXPECT_TRUE(NotifySocket::open("@" + std::string(107, 'a')));
}

TEST(NotifySocket, LosesWhatNobodyHears)
{
    std::string address;
    {
        const ManagerSocket gone;
        address = gone.address();
    }
    EXPECT_FALSE(NotifySocket::open(address)->tell("READY=1\n"));
    EXPECT_FALSE(NotifySocket().tell("READY=1\n"));
}

TEST(StatusLine, IsOneLineThatAManagerTakes)
{
    struct Case {
        std::string text;
        std::string line;
    };

    const Case cases[] = {
        {"serving", "STATUS=serving\n"},
        {"a\nSTOPPING=1\r\x1b[1m\x7f", "STATUS=a STOPPING=1  [1m \n"},
        {"gr\u00fcn", "STATUS=gr\u00fcn\n"},
        {std::string(999, 'x') + "\u00fc", "STATUS=" + std::string(999, 'x') + "\n"},
        {std::string(998, 'x') + "\u00fc", "STATUS=" + std::string(998, 'x') +
                                               "\u00fc"
                                               "\n"},
    };
    for (const auto& c : cases) EXPECT_EQ(status_line(c.text), c.line);
}

TEST(ServiceManager, HearsOfALifeInOrder)
{
    const ManagerSocket socket;
    ServiceManager manager({socket.address()});
    manager.start_waits("no store");
    EXPECT_EQ(socket.heard(), "EXTEND_TIMEOUT_USEC=60000000\nSTATUS=no store\n");
    manager.start_waits("no store");
    EXPECT_EQ(socket.heard(), "") << "once is enough for a while";
    manager.ready("serving");
    EXPECT_EQ(socket.heard(), "READY=1\nSTATUS=serving\n");
    manager.reloading();
    EXPECT_THAT(socket.heard(), StartsWith("RELOADING=1\nMONOTONIC_USEC="));
    manager.reloaded("serving anew");
    EXPECT_EQ(socket.heard(), "READY=1\nSTATUS=serving anew\n");
    manager.stopping("draining");
    EXPECT_EQ(socket.heard(), "STOPPING=1\nSTATUS=draining\n");
}

TEST(ServiceManager, HearsWhenAReloadBeganByTheClockItReads)
{
    const auto now = [] {
        timespec time{};
        ::clock_gettime(CLOCK_MONOTONIC, &time);
        return time.tv_sec * 1'000'000LL + time.tv_nsec / 1000;
    };
    const ManagerSocket socket;
    ServiceManager manager({socket.address()});
    manager.ready("serving");
    (void)socket.heard();
    const auto before = now();
    manager.reloading();
    const auto text = socket.heard();
    const auto told = std::stoll(text.substr(text.find("USEC=") + 5));
    EXPECT_GE(told, before);
    EXPECT_LE(told, now());
}

TEST(ServiceManager, HearsOfNoReloadOnceTheEndWasAnnounced)
{
    const ManagerSocket socket;
    ServiceManager manager({socket.address()});
    manager.reloading();
    EXPECT_EQ(socket.heard(), "") << "nor before it is ready";
    manager.ready("serving");
    manager.reloading();
    manager.stopping("draining");
    manager.reloaded("serving");
    manager.reloading();
    std::string last;
    for (auto text = socket.heard(); !text.empty(); text = socket.heard()) last = text;
    EXPECT_THAT(last, StartsWith("STOPPING=1"));
}

TEST(ServiceManager, NeedNotBeThere)
{
    for (const auto* address : {"", "nonsense"}) {
        ServiceManager manager({address, std::chrono::seconds(1)});
        manager.start_waits("no store");
        manager.ready("serving");
        manager.watch({});
        manager.stopping("draining");
    }
}

/// Loops that a test turns by hand.
struct HandTurned {
    std::vector<std::function<void()>> asked;
    bool ended = false;

    Watched watched()
    {
        return {[this](std::function<void()> answer) { asked.push_back(std::move(answer)); },
                [this] { return ended; }};
    }

    void turn()
    {
        for (const auto& answer : std::exchange(asked, {})) answer();
    }
};

TEST(RollCall, MissesWhoeverStopsTurning)
{
    HandTurned one;
    HandTurned two;
    RollCall call({one.watched(), two.watched()});
    EXPECT_TRUE(call.all_answered()) << "nobody was asked yet";
    one.turn();
    EXPECT_FALSE(call.all_answered()) << "the second one is stuck";
    one.turn();
    EXPECT_FALSE(call.all_answered());
    EXPECT_EQ(two.asked.size(), 1U) << "one question is enough for who is stuck";
    one.turn();
    two.turn();
    EXPECT_TRUE(call.all_answered()) << "it came back";
    one.turn();
    two.ended = true;
    EXPECT_TRUE(call.all_answered()) << "who has ended is not missed";
}

} // namespace
} // namespace gatehouse::gateway
