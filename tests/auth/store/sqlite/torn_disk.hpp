#pragma once

#include "tests/auth/store/sqlite/traced_disk.hpp"

#include <filesystem>
#include <map>
#include <random>
#include <vector>

namespace gatehouse::auth::contract {

/// How a disk treats, at a power cut, what was written to it and not synced. What was synced it
/// keeps, always.
enum class Mercy {
    keeps_nothing,   // only the synced bytes
    keeps_all,       // every write made it just in time
    keeps_some,      // any subset of the writes, whatever their order
    tears,           // any subset of the 512-byte sectors of every write
    keeps_beginning, // the writes up to one, and of that one its first bytes
    loses_one        // one write of the last ones did not make it
};
inline constexpr Mercy every_mercy[] = {Mercy::keeps_nothing,   Mercy::keeps_all,
                                        Mercy::keeps_some,      Mercy::tears,
                                        Mercy::keeps_beginning, Mercy::loses_one};

[[nodiscard]] const char* to_string(Mercy mercy);

/// Files by path, with their bytes.
using Files = std::map<std::string, std::string>;

/// A disk with a cache in front of it: knows of every file what is on the platter and what is only
/// on its way there.
class TornDisk {
public:
    TornDisk() = default;
    /// These files are on the platter.
    explicit TornDisk(const Files& files);

    void apply(const DiskChange& change);

    /// What a power cut at this moment leaves. Where a file grew and the writes that filled it did
    /// not make it, there are zeros or, as on some file systems, anybody's old bytes.
    [[nodiscard]] Files left(Mercy mercy, std::mt19937& random) const;

private:
    struct File {
        std::string synced;
        std::vector<DiskChange> pending; // writes and truncations, in order
        bool name_synced = false;
        bool removed = false; // but the folder was not synced since
    };

    [[nodiscard]] static std::string survivor(const File& file, Mercy mercy, std::mt19937& random);

    std::map<std::string, File> files_;
};

/// Writes files into `folder` under their own names.
void write_into(const std::filesystem::path& folder, const Files& files);

} // namespace gatehouse::auth::contract
