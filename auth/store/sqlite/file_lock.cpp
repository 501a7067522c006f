#include "auth/store/sqlite/file_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <thread>
#include <utility>

namespace gatehouse::auth::sqlite {

Result<FileLock, std::string> FileLock::open(const std::string& database_path)
{
    const auto path = database_path + "-lock";
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor < 0) {
        return {boost::system::in_place_error,
                path + " cannot be opened: " + std::generic_category().message(errno)};
    }
    return {boost::system::in_place_value, FileLock(descriptor)};
}

FileLock::FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

FileLock::~FileLock()
{
    if (descriptor_ >= 0) ::close(descriptor_);
}

FileLock::Held FileLock::acquire(std::chrono::milliseconds patience) const
{
    using namespace std::chrono_literals;
    const auto give_up = std::chrono::steady_clock::now() + patience;
    while (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
        // flock(2) knows no deadline; a holder keeps it for one commit, about a millisecond.
        if (std::chrono::steady_clock::now() >= give_up) return Held(-1);
        std::this_thread::sleep_for(1ms);
    }
    return Held(descriptor_);
}

FileLock::Held::Held(Held&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

FileLock::Held::~Held()
{
    if (descriptor_ >= 0) ::flock(descriptor_, LOCK_UN);
}

} // namespace gatehouse::auth::sqlite
