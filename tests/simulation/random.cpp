#include "tests/simulation/random.hpp"

#include <sodium.h>

#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace gatehouse::simulation {

namespace {

Random* seeded = nullptr;

void fill(void* buffer, std::size_t size)
{
    auto* out = static_cast<std::byte*>(buffer);
    while (size > 0) {
        const auto bits = seeded->next();
        const auto count = std::min(size, sizeof bits);
        std::memcpy(out, &bits, count);
        out += count;
        size -= count;
    }
}

const char* name_of_source()
{
    return "seeded";
}

void fill_for_sodium(void* buffer, std::size_t size)
{
    if (seeded == nullptr) std::abort(); // no run is under way: nothing should ask
    fill(buffer, size);
}

std::uint32_t number_for_sodium()
{
    std::uint32_t number = 0;
    fill_for_sodium(&number, sizeof number);
    return number;
}

randombytes_implementation implementation{&name_of_source, &number_for_sodium, nullptr,
                                          nullptr,         &fill_for_sodium,   nullptr};

} // namespace

SeededSystem::SeededSystem(std::uint64_t seed) noexcept : random_(seed ^ 0x5eedULL)
{
    // What the library draws once in its life is no part of the first run.
    static Random beginning(1);
    seeded = &beginning;
    static const bool once =
        ::randombytes_set_implementation(&implementation) == 0 && ::sodium_init() >= 0;
    if (!once) std::abort();
    seeded = &random_;
}

SeededSystem::~SeededSystem()
{
    seeded = nullptr;
}

} // namespace gatehouse::simulation

/// Stands before the C library's in this program: auth/basics/id.cpp asks it for new ids.
// NOLINTNEXTLINE(readability-identifier-naming): its name is given
extern "C" ssize_t getrandom(void* buffer, std::size_t size, unsigned int flags)
{
    using gatehouse::simulation::seeded;
    if (seeded == nullptr) return ::syscall(SYS_getrandom, buffer, size, flags);
    gatehouse::simulation::fill(buffer, size);
    return static_cast<ssize_t>(size);
}
