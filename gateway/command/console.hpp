#pragma once

#include <istream>
#include <ostream>

namespace gatehouse::gateway {

/// Exit codes of every command.
inline constexpr int exit_ok = 0;
inline constexpr int exit_failed = 1; // something at run time: store gone, no such user
inline constexpr int exit_usage = 2;  // bad usage or bad configuration

/// Where a command reads and writes: the terminal, or strings in tests. Results go to `out`, so
/// that they can be piped; everything said about them goes to `err`.
struct Console {
    std::istream& in;
    std::ostream& out;
    std::ostream& err;
};

} // namespace gatehouse::gateway
