#include "tests/auth/store/sqlite/power_cut.hpp"

#include <fstream>
#include <new>

namespace gatehouse::auth::contract {

namespace {

/// A file of the layer: SQLite's own file right behind it in memory does the work.
struct WatchedFile {
    sqlite3_file base;
    std::string* path;

    [[nodiscard]] sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

[[nodiscard]] sqlite3_file* real(sqlite3_file* file)
{
    return reinterpret_cast<WatchedFile*>(file)->real();
}

[[nodiscard]] sqlite3_vfs* real_vfs()
{
    static sqlite3_vfs* const found = sqlite3_vfs_find("unix");
    return found;
}

int close(sqlite3_file* file)
{
    const int code = real(file)->pMethods->xClose(real(file));
    delete reinterpret_cast<WatchedFile*>(file)->path;
    return code;
}

/// Read through SQLite's own descriptor: closing another one would drop its locks.
[[nodiscard]] std::string bytes_of(sqlite3_file* file)
{
    sqlite3_int64 size = 0;
    file->pMethods->xFileSize(file, &size);
    std::string bytes(static_cast<std::size_t>(size), '\0');
    file->pMethods->xRead(file, bytes.data(), static_cast<int>(size), 0);
    return bytes;
}

int sync(sqlite3_file* file, int flags)
{
    const int code = real(file)->pMethods->xSync(real(file), flags);
    const auto* path = reinterpret_cast<WatchedFile*>(file)->path;
    if (code == SQLITE_OK && path != nullptr) {
        SyncedDisk::instance().was_synced(*path, bytes_of(real(file)));
    }
    return code;
}

/// Passes a call with these arguments on to the real file.
template <auto Method, class... Arguments>
int pass(sqlite3_file* file, Arguments... arguments)
{
    return (real(file)->pMethods->*Method)(real(file), arguments...);
}

void barrier(sqlite3_file* file)
{
    real(file)->pMethods->xShmBarrier(real(file));
}

const sqlite3_io_methods methods = {
    3,
    close,
    pass<&sqlite3_io_methods::xRead, void*, int, sqlite3_int64>,
    pass<&sqlite3_io_methods::xWrite, const void*, int, sqlite3_int64>,
    pass<&sqlite3_io_methods::xTruncate, sqlite3_int64>,
    sync,
    pass<&sqlite3_io_methods::xFileSize, sqlite3_int64*>,
    pass<&sqlite3_io_methods::xLock, int>,
    pass<&sqlite3_io_methods::xUnlock, int>,
    pass<&sqlite3_io_methods::xCheckReservedLock, int*>,
    pass<&sqlite3_io_methods::xFileControl, int, void*>,
    pass<&sqlite3_io_methods::xSectorSize>,
    pass<&sqlite3_io_methods::xDeviceCharacteristics>,
    pass<&sqlite3_io_methods::xShmMap, int, int, int, volatile void**>,
    pass<&sqlite3_io_methods::xShmLock, int, int, int>,
    barrier,
    pass<&sqlite3_io_methods::xShmUnmap, int>,
    pass<&sqlite3_io_methods::xFetch, sqlite3_int64, int, void**>,
    pass<&sqlite3_io_methods::xUnfetch, sqlite3_int64, void*>,
};

int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags)
{
    auto* watched = new (file) WatchedFile{{nullptr}, nullptr};
    const int code = real_vfs()->xOpen(real_vfs(), name, watched->real(), flags, out_flags);
    if (code != SQLITE_OK) return code;
    if (name != nullptr) watched->path = new std::string(name);
    watched->base.pMethods = &methods;
    return SQLITE_OK;
}

int remove(sqlite3_vfs*, const char* name, int sync_folder)
{
    const int code = real_vfs()->xDelete(real_vfs(), name, sync_folder);
    if (code == SQLITE_OK) SyncedDisk::instance().was_removed(name);
    return code;
}

} // namespace

SyncedDisk& SyncedDisk::instance()
{
    static SyncedDisk disk;
    return disk;
}

SyncedDisk::SyncedDisk() : vfs_(*real_vfs())
{
    vfs_.zName = "synced-disk";
    vfs_.szOsFile = static_cast<int>(sizeof(WatchedFile)) + real_vfs()->szOsFile;
    vfs_.pNext = nullptr;
    vfs_.xOpen = open;
    vfs_.xDelete = remove;
}

void SyncedDisk::begin()
{
    sqlite3_vfs_register(&vfs_, 1);
}

void SyncedDisk::end()
{
    sqlite3_vfs_register(real_vfs(), 1);
    sqlite3_vfs_unregister(&vfs_);
    const std::scoped_lock lock(mutex_);
    synced_.clear();
}

void SyncedDisk::was_synced(const std::string& path, std::string bytes)
{
    const std::scoped_lock lock(mutex_);
    synced_[path] = std::move(bytes);
}

void SyncedDisk::was_removed(const std::string& path)
{
    const std::scoped_lock lock(mutex_);
    synced_.erase(path);
}

void SyncedDisk::leave_synced(const std::filesystem::path& from, const std::filesystem::path& to)
{
    const std::scoped_lock lock(mutex_);
    for (const auto& [path, bytes] : synced_) {
        const std::filesystem::path file(path);
        if (file.parent_path() != from) continue;
        std::ofstream(to / file.filename(), std::ios::binary) << bytes;
    }
}

} // namespace gatehouse::auth::contract
