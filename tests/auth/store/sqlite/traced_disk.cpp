#include "tests/auth/store/sqlite/traced_disk.hpp"

#include <new>

namespace gatehouse::auth::contract {

namespace {

using Kind = DiskChange::Kind;

/// A file of the layer: SQLite's own file right behind it in memory does the work.
struct TracedFile {
    sqlite3_file base;
    std::string* path;
    bool name_is_synced;

    [[nodiscard]] sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

[[nodiscard]] TracedFile& traced(sqlite3_file* file)
{
    return *reinterpret_cast<TracedFile*>(file);
}

[[nodiscard]] sqlite3_file* real(sqlite3_file* file)
{
    return traced(file).real();
}

[[nodiscard]] sqlite3_vfs* real_vfs()
{
    static sqlite3_vfs* const found = sqlite3_vfs_find("unix");
    return found;
}

void tell(sqlite3_file* file, Kind kind, std::size_t offset = 0, std::string bytes = {})
{
    const auto* path = traced(file).path;
    if (path == nullptr) return; // a temporary file without a name
    TracedDisk::instance().tell({kind, *path, offset, std::move(bytes)});
}

int close(sqlite3_file* file)
{
    const int code = real(file)->pMethods->xClose(real(file));
    delete traced(file).path;
    return code;
}

int write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 offset)
{
    tell(file, Kind::write, static_cast<std::size_t>(offset),
         {static_cast<const char*>(bytes), static_cast<std::size_t>(size)});
    return real(file)->pMethods->xWrite(real(file), bytes, size, offset);
}

int truncate(sqlite3_file* file, sqlite3_int64 size)
{
    tell(file, Kind::truncate, static_cast<std::size_t>(size));
    return real(file)->pMethods->xTruncate(real(file), size);
}

/// SQLite's unix layer syncs the folder together with the first sync of a file it made.
int sync(sqlite3_file* file, int)
{
    tell(file, Kind::sync);
    if (!std::exchange(traced(file).name_is_synced, true)) tell(file, Kind::sync_folder);
    return SQLITE_OK;
}

/// The level that begin() was given, and whether this thread is just setting it.
const char* forced_level = nullptr;
thread_local bool forcing = false;

int control(sqlite3_file* file, int what, void* argument)
{
    if (what == SQLITE_FCNTL_PRAGMA && forced_level != nullptr && !forcing) {
        const auto* const* words = static_cast<const char* const*>(argument);
        const bool sets_level = std::string_view(words[1]) == "synchronous" && words[2] != nullptr;
        if (sets_level) return SQLITE_OK; // done, as far as SQLite is concerned
    }
    return real(file)->pMethods->xFileControl(real(file), what, argument);
}

/// Runs for every connection before anybody else can use it.
int force_level(sqlite3* connection, const char**, const sqlite3_api_routines*)
{
    forcing = true;
    const auto pragma = std::string("PRAGMA synchronous = ") + forced_level;
    const int code = sqlite3_exec(connection, pragma.c_str(), nullptr, nullptr, nullptr);
    forcing = false;
    return code;
}

using Entry = void (*)();

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
    write,
    truncate,
    sync,
    pass<&sqlite3_io_methods::xFileSize, sqlite3_int64*>,
    pass<&sqlite3_io_methods::xLock, int>,
    pass<&sqlite3_io_methods::xUnlock, int>,
    pass<&sqlite3_io_methods::xCheckReservedLock, int*>,
    control,
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
    auto* opened = new (file) TracedFile{{nullptr}, nullptr, true};
    const int code = real_vfs()->xOpen(real_vfs(), name, opened->real(), flags, out_flags);
    if (code != SQLITE_OK) return code;
    opened->base.pMethods = &methods;
    if (name == nullptr) return SQLITE_OK;
    opened->path = new std::string(name);
    opened->name_is_synced = (flags & SQLITE_OPEN_CREATE) == 0;
    tell(file, opened->name_is_synced ? Kind::found : Kind::made);
    return SQLITE_OK;
}

int remove(sqlite3_vfs*, const char* name, int sync_folder)
{
    const int code = real_vfs()->xDelete(real_vfs(), name, 0);
    if (code != SQLITE_OK) return code;
    TracedDisk::instance().tell({Kind::remove, name, 0, {}});
    if (sync_folder != 0) TracedDisk::instance().tell({Kind::sync_folder, name, 0, {}});
    return SQLITE_OK;
}

} // namespace

TracedDisk& TracedDisk::instance()
{
    static TracedDisk disk;
    return disk;
}

TracedDisk::TracedDisk() : vfs_(*real_vfs())
{
    vfs_.zName = "traced-disk";
    vfs_.szOsFile = static_cast<int>(sizeof(TracedFile)) + real_vfs()->szOsFile;
    vfs_.pNext = nullptr;
    vfs_.xOpen = open;
    vfs_.xDelete = remove;
}

void TracedDisk::begin(Listener listener, const char* synchronous)
{
    listener_ = std::move(listener);
    forced_level = synchronous;
    sqlite3_vfs_register(&vfs_, 1);
    if (synchronous != nullptr) sqlite3_auto_extension(reinterpret_cast<Entry>(force_level));
}

void TracedDisk::end()
{
    sqlite3_cancel_auto_extension(reinterpret_cast<Entry>(force_level));
    sqlite3_vfs_register(real_vfs(), 1);
    sqlite3_vfs_unregister(&vfs_);
    forced_level = nullptr;
    listener_ = {};
}

void TracedDisk::tell(DiskChange change) const
{
    if (listener_) listener_(std::move(change));
}

} // namespace gatehouse::auth::contract
