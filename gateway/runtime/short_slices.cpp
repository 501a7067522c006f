#include "gateway/runtime/short_slices.hpp"

#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

namespace gatehouse::gateway {
namespace {

/// struct sched_attr of sched_setattr(2), which glibc 2.36 does not declare; its first version.
struct SchedulingAttributes {
    std::uint32_t size = sizeof(SchedulingAttributes);
    std::uint32_t policy = SCHED_OTHER;
    std::uint64_t flags = 0;
    std::int32_t nice = 0;
    std::uint32_t priority = 0;
    std::uint64_t runtime = 0; // of SCHED_OTHER: the slice, in nanoseconds
    std::uint64_t deadline = 0;
    std::uint64_t period = 0;
};

} // namespace

void ask_for_short_slices() noexcept
{
    SchedulingAttributes attributes;
    // Whoever started the gateway may have chosen its place among other programs.
    if (::syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0) != 0) return;
    if (attributes.policy != SCHED_OTHER) return;
    attributes.flags = 0;
    attributes.runtime = std::chrono::nanoseconds(short_slice).count();
    ::syscall(SYS_sched_setattr, 0, &attributes, 0);
}

} // namespace gatehouse::gateway
