#include "gateway/runtime/short_slices.hpp"

#include <gtest/gtest.h>

#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <thread>

namespace gatehouse::gateway {
namespace {

/// The `sched_runtime` of the calling thread as sched_getattr(2) tells it, in nanoseconds.
std::uint64_t slice_of_this_thread()
{
    std::array<unsigned char, 48> attributes{};
    if (::syscall(SYS_sched_getattr, 0, attributes.data(), attributes.size(), 0) != 0) return 0;
    std::uint64_t runtime = 0;
    std::memcpy(&runtime, attributes.data() + 24, sizeof runtime);
    return runtime;
}

TEST(ShortSlices, AreAskedForAndNothingElseOfTheThreadChanges)
{
    std::thread([] {
        const auto before = slice_of_this_thread();
        ::setpriority(PRIO_PROCESS, 0, 3); // as whoever starts the gateway may have it
        ask_for_short_slices();
        EXPECT_EQ(::sched_getscheduler(0), SCHED_OTHER);
        EXPECT_EQ(::getpriority(PRIO_PROCESS, 0), 3);
        const auto slice = slice_of_this_thread();
        if (before == 0) GTEST_SKIP() << "this kernel knows no slices";
        EXPECT_EQ(slice, 100'000U);
    }).join();
}

TEST(ShortSlices, LeaveAThreadOfAnotherClassAlone)
{
    std::thread([] {
        const sched_param none{};
        ASSERT_EQ(::sched_setscheduler(0, SCHED_BATCH, &none), 0);
        const auto before = slice_of_this_thread();
        ask_for_short_slices();
        EXPECT_EQ(::sched_getscheduler(0), SCHED_BATCH);
        EXPECT_EQ(slice_of_this_thread(), before);
    }).join();
}

} // namespace
} // namespace gatehouse::gateway
