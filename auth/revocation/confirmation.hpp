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

    /// `own`: the replica that need not be asked, for it applies what it does before it waits.
    /// `lease`: how long a replica serves without having heard the feed.
    Confirmation(ReplicaBook& book, std::string own, std::chrono::milliseconds lease);

    /// Blocks until every replica that serves has applied what was committed before `since`: each
    /// has said so, or twice the lease has passed since then, and whoever had not heard of it has
    /// long ceased to serve. A replica that said nothing in all that time is struck out.
    void wait(Steady::time_point since);

private:
    using Entries = std::vector<ReplicaBook::Entry>;

    [[nodiscard]] Entries behind(const ReplicaBook::Page& page, std::uint64_t target) const;
    void strike_out_the_silent(const Entries& first, const Entries& last);

    ReplicaBook& book_;
    const std::string own_;
    const std::chrono::milliseconds lease_;
};

} // namespace gatehouse::auth
