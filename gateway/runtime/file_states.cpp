#include "gateway/runtime/file_states.hpp"

#include <sys/stat.h>

#include <cerrno>

namespace gatehouse::gateway {
namespace {

std::int64_t nanoseconds(const timespec& at) noexcept
{
    return static_cast<std::int64_t>(at.tv_sec) * 1'000'000'000 + at.tv_nsec;
}

} // namespace

FileState state_of(const std::string& path) noexcept
{
    struct stat found{};
    FileState state;
    if (::stat(path.c_str(), &found) != 0) {
        state.error = errno;
        return state;
    }
    state.device = found.st_dev;
    state.inode = found.st_ino;
    state.size = found.st_size;
    state.modified_ns = nanoseconds(found.st_mtim);
    state.changed_ns = nanoseconds(found.st_ctim);
    return state;
}

FileStates states_of(const std::vector<std::string>& paths)
{
    FileStates states;
    for (const auto& path : paths) states.try_emplace(path, state_of(path));
    return states;
}

} // namespace gatehouse::gateway
