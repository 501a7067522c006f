#pragma once

#include "auth/store/sqlite/database.hpp"

#include <filesystem>
#include <map>
#include <mutex>
#include <string>

namespace gatehouse::auth::contract {

/// A layer under SQLite that remembers the bytes each file had when it was last synced: what a
/// power cut would leave, if the disk lost everything else. (A real disk may keep more; that can
/// only help.)
class SyncedDisk {
public:
    static SyncedDisk& instance();

    /// From now on every file SQLite opens is watched.
    void begin();
    void end();

    /// Writes what the files of folder `from` had on disk into folder `to`.
    void leave_synced(const std::filesystem::path& from, const std::filesystem::path& to);

    void was_synced(const std::string& path, std::string bytes);
    void was_removed(const std::string& path);

private:
    SyncedDisk();

    sqlite3_vfs vfs_;
    std::mutex mutex_;
    std::map<std::string, std::string> synced_; // path -> bytes
};

} // namespace gatehouse::auth::contract
