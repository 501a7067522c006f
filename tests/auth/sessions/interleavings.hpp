#pragma once

#include "tests/auth/sessions/workbench.hpp"

#include <cstdint>
#include <string>

namespace gatehouse::auth::interleaved {

struct Bounds {
    int clients = 3; // at most 3
    int operations = 4;
    /// Whether stores that differ only in the numbers of their generations count as one.
    bool renaming = true;
};

struct Tally {
    /// Ways through, from the first store call to the last, each with its own order of steps.
    double interleavings = 0;
    std::size_t states = 0; // different ones on these ways
    std::size_t steps = 0;  // store calls that were really made, one for each client and picture
    std::string violation;  // empty: none
};

/// Walks all interleavings of clients that each carry out `operations` of `every_act` in any
/// sequence. Every client may be cut off after any of its store calls, and then goes on with its
/// next operation knowing only what it knew before. Every step is made on each of the workbenches,
/// and has to come out the same.
[[nodiscard]] Tally explore(const std::vector<Workbench*>& workbenches, const Bounds& bounds);

} // namespace gatehouse::auth::interleaved
