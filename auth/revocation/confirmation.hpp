#pragma once

#include "auth/store/replica_book.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace gatehouse::auth {

/// Knows when every process refuses what has ended. Safe from any thread.
class Confirmation {
public:
    using Steady = std::chrono::steady_clock;

    /// One book for each feed that processes follow. `own`: the replica in it that waits. It has
    /// applied what the call itself ended; but a session that another replica ended a moment ago
    /// may be news to it as to any other.
    struct Place {
        ReplicaBook& book;
        std::string own;
    };

    /// `lease`: how long a replica serves without having heard the feeds.
    Confirmation(std::vector<Place> places, std::chrono::milliseconds lease);

    /// Blocks until every replica that serves has applied what was committed before `since`: each
    /// has said so in each book, or twice the lease has passed since then, and whoever had not
    /// heard of it has long ceased to serve. A replica that said nothing in all that time is
    /// struck out.
    void wait(Steady::time_point since);

private:
    using Entries = std::vector<ReplicaBook::Entry>;
    struct Watch;

    [[nodiscard]] static bool all_know(Watch& watch);
    [[nodiscard]] static Entries behind(const Watch& watch, const ReplicaBook::Page& page);
    void strike_out_the_silent(const Watch& watch) const;

    const std::vector<Place> places_;
    const std::chrono::milliseconds lease_;
};

} // namespace gatehouse::auth
