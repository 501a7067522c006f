#pragma once

#include "config/settings/settings.hpp"

#include <string>
#include <vector>

namespace gatehouse::gateway {

/// Where a gateway changes the file system.
struct WritablePlace {
    enum class Use {
        files_in,   // makes, writes, renames and removes files and sockets in this folder
        file,       // writes what is there already: a device, a pipe
        folders_in, // removes empty folders in this one
    };

    std::string path;
    Use use = Use::files_in;

    bool operator==(const WritablePlace&) const = default;
};

/// All that these settings need until the process ends: each of the keys behind it takes effect at
/// a start only, so that no reload can name another. Files are given by their folder, since most
/// are written anew beside themselves; one that is a symbolic link has two.
[[nodiscard]] std::vector<WritablePlace> writable_places(const config::Settings& settings);

/// Where SQLite keeps what it has no room for in memory; empty: these settings have no SQLite.
[[nodiscard]] std::string temporary_folder_of(const config::Settings& settings);

} // namespace gatehouse::gateway
