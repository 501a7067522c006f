#include "tests/gateway/support/allocation_count.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

namespace gatehouse::gateway::test {
namespace {

/// Keeps the compiler from removing an allocation nobody looks at.
void* volatile seen = nullptr;

TEST(AllocationCount, SeesEveryWayOfAskingForMemory)
{
    if (!counts_allocations()) GTEST_SKIP() << "a sanitizer brings its own allocator";

    struct Case {
        const char* name;
        void* (*ask)();
    };

    const Case cases[] = {
        {"malloc",         [] { return std::malloc(100); }           },
        {"calloc",         [] { return std::calloc(10, 10); }        },
        {"realloc",        [] { return std::realloc(nullptr, 100); } },
        {"aligned_alloc",  [] { return std::aligned_alloc(64, 128); }},
        {"operator new",   [] { return ::operator new(100); }        },
        {"posix_memalign",
         [] {
             void* memory = nullptr;
             return posix_memalign(&memory, 64, 100) == 0 ? memory : nullptr;
         }                                                           },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto before = allocations();
        seen = c.ask();
        EXPECT_EQ(allocations(), before + 1);
        std::free(seen);
    }
}

TEST(AllocationCount, SeesNoneWhereThereIsNone)
{
    std::string reused(100, 'x');
    EXPECT_EQ(allocations_of([&] {
                  reused.clear();
                  reused.append(100, 'y');
              }),
              0U);
}

} // namespace
} // namespace gatehouse::gateway::test
