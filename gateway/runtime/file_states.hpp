#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace gatehouse::gateway {

/// What tells one content of a file from the next without reading it: whichever way it was changed,
/// something of this is another. Links are followed, so a link that points elsewhere shows too.
struct FileState {
    int error = 0; // why it cannot be looked at; then the rest is 0
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::int64_t size = 0;
    std::int64_t modified_ns = 0;
    std::int64_t changed_ns = 0;

    friend bool operator==(const FileState&, const FileState&) = default;
};

[[nodiscard]] FileState state_of(const std::string& path) noexcept;

/// By path.
using FileStates = std::map<std::string, FileState>;

[[nodiscard]] FileStates states_of(const std::vector<std::string>& paths);

} // namespace gatehouse::gateway
