#pragma once

#include "config/basics/result.hpp"
#include "gateway/sandbox/writable_places.hpp"

#include <span>
#include <string>

namespace gatehouse::gateway {

/// From now on this thread, and each that it starts, changes the file system in these places only
/// and runs no program (Landlock, landlock(7)). Reading stays as the modes of files have it, and
/// so does what is open already. A place that is not there is passed over: whoever wants to write
/// there says so better. Gives the version of Landlock. Error: a sentence.
[[nodiscard]] Result<int, std::string> write_only_in(std::span<const WritablePlace> places);

} // namespace gatehouse::gateway
