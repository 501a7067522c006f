#include "gateway/runtime/signals.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#include <csignal>
#include <future>
#include <thread>

namespace gatehouse::gateway {
namespace {

TEST(SignalWatch, CallsBackOnItsOwnThreadForEachSignal)
{
    std::promise<std::thread::id> first;
    std::promise<int> second;
    int seen = 0;
    {
        SignalWatch watch({SIGUSR1, SIGUSR2}, [&](int signal) {
            if (++seen == 1)
                first.set_value(std::this_thread::get_id());
            else
                second.set_value(signal);
        });
        ::kill(::getpid(), SIGUSR1);
        ::kill(::getpid(), SIGUSR2);
        EXPECT_NE(first.get_future().get(), std::this_thread::get_id());
        EXPECT_EQ(second.get_future().get(), SIGUSR2);
    }
    EXPECT_EQ(seen, 2);
}

TEST(SignalWatch, EndsWithoutASignal)
{
    SignalWatch watch({SIGUSR1}, [](int) { FAIL() << "nobody sent one"; });
}

} // namespace
} // namespace gatehouse::gateway
