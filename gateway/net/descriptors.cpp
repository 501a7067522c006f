#include "gateway/net/descriptors.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <limits>

namespace gatehouse::gateway {
namespace {

constexpr rlim_t enough = 1 << 20;
constexpr rlim_t most_kept = 64;

/// Of a limit; a small one must not be kept as a whole.
constexpr rlim_t kept_of(rlim_t limit) noexcept
{
    return std::min(most_kept, limit / 8);
}

std::atomic<int> first_kept{std::numeric_limits<int>::max()};

} // namespace

void raise_descriptor_limit() noexcept
{
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    const auto wanted = std::min(limit.rlim_max, enough);
    if (limit.rlim_cur < wanted) {
        const rlimit raised{wanted, limit.rlim_max};
        if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
    }
    const auto last = std::min(limit.rlim_cur, enough);
    first_kept.store(static_cast<int>(last - kept_of(last)), std::memory_order_relaxed);
}

std::uint64_t descriptor_limit() noexcept
{
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return std::numeric_limits<std::uint64_t>::max();
    return limit.rlim_cur;
}

bool is_kept_descriptor(int descriptor) noexcept
{
    return descriptor >= first_kept.load(std::memory_order_relaxed);
}

} // namespace gatehouse::gateway
