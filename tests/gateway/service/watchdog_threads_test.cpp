#include "gateway/service/service_manager.hpp"
#include "tests/gateway/service/manager_socket.hpp"

#include <gtest/gtest.h>

#include <atomic>
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
