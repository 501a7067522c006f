#include "auth/store/sqlite/file_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <thread>
#include <utility>

namespace gatehouse::auth::sqlite {

namespace {

// Where SQLite keeps its shared locks, in every file and version (os.h: PENDING_BYTE and the two
// behind it).
constexpr off_t shared_first = 0x40000000 + 2;
constexpr off_t shared_size = 510;

/// Who would be in the way of a lock on all of them.
[[nodiscard]] std::optional<pid_t> holder_of_shared_lock(int descriptor)
{
    struct flock wanted{};

    wanted.l_type = F_WRLCK;
    wanted.l_whence = SEEK_SET;
    wanted.l_start = shared_first;
    wanted.l_len = shared_size;
    if (::fcntl(descriptor, F_GETLK, &wanted) != 0 || wanted.l_type == F_UNLCK) return std::nullopt;
    return wanted.l_pid;
}

} // namespace

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

std::optional<pid_t> other_user_of(const std::string& database_path,
                                   std::chrono::milliseconds patience)
{
    using namespace std::chrono_literals;
    const int descriptor = ::open(database_path.c_str(), O_RDWR | O_CLOEXEC);
    if (descriptor < 0) return std::nullopt;
    const auto give_up = std::chrono::steady_clock::now() + patience;
    auto holder = holder_of_shared_lock(descriptor);
    while (holder && std::chrono::steady_clock::now() < give_up) {
        std::this_thread::sleep_for(20ms); // a command that only looks is gone in a moment
        holder = holder_of_shared_lock(descriptor);
    }
    ::close(descriptor);
    return holder;
}

} // namespace gatehouse::auth::sqlite
