#include "gateway/service/service_manager.hpp"
#include "tests/gateway/service/manager_socket.hpp"
#include "tests/gateway/support/test_gateway.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;

TEST(Watchdog, AsksAgainAndAgainAndEndsAtOnce)
{
    std::atomic<int> questions{0};
    std::atomic<int> signs{0};
    const auto answer_at_once = [&](const std::function<void()>& answer) {
        ++questions;
        answer();
    };
    Watched loop{answer_at_once, [] { return false; }};
    {
        Watchdog watchdog(3ms, {loop}, [&] { ++signs; });
        while (signs < 5) std::this_thread::yield();
    }
    EXPECT_GE(questions, 5);
    const auto began = std::chrono::steady_clock::now();
    { // it does not wait for the end of a pause
        const Watchdog slow(10min, {loop}, [&] { ++signs; });
    }
    EXPECT_LT(std::chrono::steady_clock::now() - began, 1min);
}

TEST(RollCall, MissesAWorkerWhoseLoopIsStuckAndNoneThatHasDrained)
{
    test::TestGateway gateway(test::public_route_to("http://127.0.0.1:1"), 2);
    std::vector<Watched> loops;
    for (const auto& worker : gateway.workers()) {
        loops.push_back({[&worker](std::function<void()> answer) { worker->post(answer); },
                         [&worker] { return worker->has_ended(); }});
    }
    RollCall call(loops);
    std::promise<void> go_on;
    gateway.worker(1).post([&] { go_on.get_future().wait(); });
    const auto wait_for_the_other = [&] {
        std::promise<void> reached;
        gateway.worker(0).post([&] { reached.set_value(); });
        reached.get_future().wait();
    };
    EXPECT_TRUE(call.all_answered());
    wait_for_the_other();
    EXPECT_FALSE(call.all_answered());
    go_on.set_value();
    while (!call.all_answered()) std::this_thread::yield();
    gateway.worker(1).drain();
    (void)gateway.worker(1).join();
    while (!call.all_answered()) std::this_thread::yield();
    wait_for_the_other();
    EXPECT_TRUE(call.all_answered());
}

TEST(ServiceManager, HearsThatWeLiveAsOftenAsItWants)
{
    const test::ManagerSocket socket;
    ServiceManager manager({socket.address(), 30ms});
    manager.ready("serving");
    EXPECT_EQ(socket.heard(), "READY=1\nSTATUS=serving\n");
    const auto began = std::chrono::steady_clock::now();
    manager.watch({});
    for (int heard = 0; heard < 4;) {
        const auto text = socket.heard();
        if (text.empty()) std::this_thread::yield();
        if (text.empty()) continue;
        EXPECT_EQ(text, "WATCHDOG=1\n");
        ++heard;
    }
    EXPECT_GE(std::chrono::steady_clock::now() - began, 29ms)
        << "three in that time, and the first";
}

} // namespace
} // namespace gatehouse::gateway
