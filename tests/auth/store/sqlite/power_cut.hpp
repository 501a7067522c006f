#pragma once

#include "tests/auth/store/contract.hpp"
#include "tests/auth/store/sqlite/power_load.hpp"
#include "tests/auth/store/sqlite/torn_disk.hpp"

#include <mutex>
#include <set>
#include <variant>

namespace gatehouse::auth::contract {

/// What happened to a store under load, in the order in which it happened: what reached the disk,
/// and what the callers were told.
class Record {
public:
    struct Began {
        std::size_t client = 0;
        Call call;
    };

    struct Answered {
        std::size_t client = 0;
    };

    /// What somebody who follows the feed has read, and other processes may act upon.
    struct Heard {
        std::vector<Change> changes;
    };

    using Entry = std::variant<DiskChange, Began, Answered, Heard>;

    void add(Entry entry);

    [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }

private:
    std::mutex mutex_;
    std::vector<Entry> entries_;
};

/// What was wrong with a store that came up after a power cut.
struct Damage {
    std::vector<std::string> unusable; // it does not open, or SQLite finds the file inconsistent
    std::vector<std::string> lost;     // something acknowledged is gone, or something ended is back

    void add(const Damage& more);
};

/// A store's life from power cut to power cut: load, darkness, recovery, load. At every stage the
/// power is cut, afterwards and in thought, at many moments of what was recorded.
class DarkLife {
public:
    struct Plan {
        std::size_t clients = 5;
        int calls_each = 35;
        int cuts = 50; // at random moments of each stage
        /// What every connection is made to use instead of what it asked for.
        const char* synchronous = nullptr;
    };

    DarkLife(const Plan& plan, std::mt19937::result_type seed);

    /// What the load was, so that a test can tell whether it was one.
    struct Seen {
        std::set<std::string> worked; // kinds of calls that did something
        std::set<std::string> wrong;  // answers that were not as they should be
        int copied_back = 0;          // pages that went from the log into the file
        int together = 0;             // answers that shared their sync with the one before
    };

    /// One stage.
    [[nodiscard]] Damage live_on(Seen& seen);

private:
    struct Expected {
        Expectation settled; // what was acknowledged
        Expectation ahead;   // and what was asked for
        std::optional<Call> under_way;
    };

    void load(Record& record, Seen& seen);
    static void look_at(const Record& record, Seen& seen);
    [[nodiscard]] Damage cut_into(const Record& record);
    void take(const Record::Entry& entry);
    [[nodiscard]] Damage inspect(Mercy mercy);
    [[nodiscard]] Damage inspect_store(Store& store);
    [[nodiscard]] std::optional<std::string>
    compare(Store& store, const std::vector<Change>& changes, std::size_t client);
    [[nodiscard]] std::optional<std::string> compare_feed(Store& store,
                                                          const std::vector<Change>& changes);
    void probe(Store& store, std::size_t client, std::vector<std::string>& lost);

    Plan plan_;
    std::mt19937 random_;
    std::vector<LoadClient> clients_;
    std::vector<Expected> expected_; // of each client
    std::vector<Change> heard_;
    TornDisk disk_;
    std::unique_ptr<TemporaryFolder> folder_;
    int probes_ = 0;
};

} // namespace gatehouse::auth::contract
