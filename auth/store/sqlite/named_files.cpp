#include "auth/store/sqlite/named_files.hpp"

#include <sys/stat.h>

namespace gatehouse::auth::sqlite {

NamedFiles::NamedFiles(sqlite3* handle) : handle_(handle)
{
    // Without links on the way, as SQLite has them.
    const char* name = sqlite3_db_filename(handle, "main");
    if (name == nullptr) return;
    database_ = name;
    log_ = database_ + "-wal";
    index_ = database_ + "-shm";
}

const char* NamedFiles::whats_gone() noexcept
{
    if (database_has_moved()) return "the file is gone";
    // Whoever comes later begins another log, or another index of this one, and each writes over
    // what the other has acknowledged.
    if (has_moved(log_, seen_log_))
        return "the file that ends with -wal is gone: its writes would be lost";
    if (has_moved(index_, seen_index_))
        return "the file that ends with -shm is gone: others would not see our writes";
    last_state_ = state_of_database();
    return nullptr;
}

bool NamedFiles::may_be_saved() const noexcept
{
    if (database_has_moved() || !seen_log_) return false;
    struct stat log{};
    // A reader of ours that was opened meanwhile has made an empty one.
    const bool nobodys = ::stat(log_.c_str(), &log) != 0 || log.st_size == 0;
    return nobodys && last_state_ && last_state_ == state_of_database();
}

bool NamedFiles::has_moved(const std::string& name, std::optional<Seen>& seen) noexcept
{
    struct stat now{};
    const bool is_there = ::stat(name.c_str(), &now) == 0;
    const Seen found{now.st_dev, now.st_ino};
    if (seen) return !is_there || *seen != found;
    if (is_there) seen = found;
    return false;
}

bool NamedFiles::database_has_moved() const noexcept
{
    int moved = 0;
    const int code = sqlite3_file_control(handle_, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
    return code == SQLITE_OK && moved != 0;
}

std::optional<NamedFiles::State> NamedFiles::state_of_database() const noexcept
{
    struct stat now{};
    if (::stat(database_.c_str(), &now) != 0) return std::nullopt;
    return State{now.st_size, now.st_mtim.tv_sec, now.st_mtim.tv_nsec};
}

} // namespace gatehouse::auth::sqlite
