#pragma once

#include "auth/store/sqlite/database.hpp"

#include <functional>
#include <string>

namespace gatehouse::auth::contract {

/// One thing SQLite did to a file or to its folder.
struct DiskChange {
    enum class Kind {
        found,      // opened, and it had been there
        made,       // opened, and made if it was not there
        write,      // `bytes` from `offset` on
        truncate,   // to `offset` bytes
        sync,       // what was written to this file is on the disk now
        remove,     // the name is gone
        sync_folder // what was made and removed is so on the disk now
    } kind{};
    std::string path;
    std::size_t offset = 0;
    std::string bytes;
};

/// A layer under SQLite that tells what happens to its files, in order. It syncs nothing itself:
/// the kernel keeps what the tests read, and they are quicker so.
class TracedDisk {
public:
    using Listener = std::function<void(DiskChange)>;

    static TracedDisk& instance();

    /// From now on every file SQLite opens is traced. With a `synchronous` level ("OFF") every
    /// connection has that one, whatever it asks for.
    void begin(Listener listener, const char* synchronous = nullptr);
    void end();

    void tell(DiskChange change) const;

private:
    TracedDisk();

    sqlite3_vfs vfs_;
    Listener listener_;
};

/// Traces as long as it lives.
class Tracing {
public:
    explicit Tracing(TracedDisk::Listener listener = {}, const char* synchronous = nullptr)
    {
        TracedDisk::instance().begin(std::move(listener), synchronous);
    }

    Tracing(const Tracing&) = delete;
    Tracing& operator=(const Tracing&) = delete;

    ~Tracing() { TracedDisk::instance().end(); }
};

} // namespace gatehouse::auth::contract
