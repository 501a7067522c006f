#pragma once

#include "auth/store/store_error.hpp"
#include "config/basics/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::auth {

/// Which processes serve on this store, and how far each has heard the feed: what a logout that is
/// to be confirmed asks. No clock is compared: whoever wants to know whether a replica is alive
/// looks twice. The same promises as UserStore.
class ReplicaBook {
public:
    virtual ~ReplicaBook() = default;

    struct Entry {
        std::string replica;
        std::uint64_t applied = 0; // it refuses what the changes up to here have ended
        std::uint64_t beat = 0;    // grows with each report of the replica
    };

    struct Page {
        std::uint64_t newest = 0; // the number of the newest change that was committed
        std::vector<Entry> entries;
    };

    /// Writes the replica's entry, or makes it. A report that comes after a later one is ignored.
    [[nodiscard]] virtual Result<void, StoreError> report(const Entry& entry) = 0;
    /// All entries and the newest change, read in one snapshot.
    [[nodiscard]] virtual Result<Page, StoreError> replicas() = 0;
    /// Removes an entry, unless it has reported since: unless its beat is no longer this.
    [[nodiscard]] virtual Result<void, StoreError> strike_out(std::string_view replica,
                                                              std::uint64_t beat) = 0;
};

} // namespace gatehouse::auth
