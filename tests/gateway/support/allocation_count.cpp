#include "tests/gateway/support/allocation_count.hpp"

#include <cerrno>
#include <cstdlib>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define GATEHOUSE_SANITIZED 1
#endif
#endif

namespace {

thread_local std::uint64_t counted = 0;

} // namespace

#ifndef GATEHOUSE_SANITIZED

// glibc's own entry points, which stay reachable when the usual names are replaced.
extern "C" {
void* __libc_malloc(std::size_t) noexcept;
void* __libc_calloc(std::size_t, std::size_t) noexcept;
void* __libc_realloc(void*, std::size_t) noexcept;
void* __libc_memalign(std::size_t, std::size_t) noexcept;

void* malloc(std::size_t size) noexcept
{
    ++counted;
    return __libc_malloc(size);
}

void* calloc(std::size_t count, std::size_t size) noexcept
{
    ++counted;
    return __libc_calloc(count, size);
}

void* realloc(void* old, std::size_t size) noexcept
{
    ++counted;
    return __libc_realloc(old, size);
}

void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept
{
    ++counted;
    return __libc_memalign(alignment, size);
}

int posix_memalign(void** out, std::size_t alignment, std::size_t size) noexcept
{
    ++counted;
    *out = __libc_memalign(alignment, size);
    return *out == nullptr ? ENOMEM : 0;
}
}

#endif

namespace gatehouse::gateway::test {

std::uint64_t allocations() noexcept
{
    return counted;
}

bool counts_allocations() noexcept
{
#ifdef GATEHOUSE_SANITIZED
    return false;
#else
    return true;
#endif
}

} // namespace gatehouse::gateway::test
