#pragma once

#include <cstdint>

namespace gatehouse::gateway::test {

/// How often this thread has asked for memory by malloc, calloc, realloc, aligned_alloc or
/// posix_memalign since it started (operator new ends in malloc). The test binary replaces these
/// functions with counting ones. Under a sanitizer nothing is counted: it brings its own.
[[nodiscard]] std::uint64_t allocations() noexcept;

/// Whether counting works in this build; tests that count skip themselves otherwise.
[[nodiscard]] bool counts_allocations() noexcept;

/// Runs `work` once to warm it up, then `times` more, and says how many allocations those took.
template <class Work>
std::uint64_t allocations_of(Work work, int times = 3)
{
    work();
    const auto before = allocations();
    for (int i = 0; i < times; ++i) work();
    return allocations() - before;
}

} // namespace gatehouse::gateway::test
