#pragma once

#include "auth/revocation/feed_lease.hpp"
#include "auth/store/replica_book.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace gatehouse::auth {

/// This process's entry among the replicas, and the lease that rests on it (decision 15). First it
/// reports, then it hears, then it may serve, until `length` after that report: whoever ends a
/// session either finds the entry, and waits for it, or comes before a report after which this
/// process hears of that end.
class Presence {
public:
    using Steady = FeedLease::Steady;

    /// `also`: see FeedLease.
    Presence(ReplicaBook& book, std::chrono::milliseconds length, const FeedLease* also = nullptr);

    /// Reports, if there is something new to say or the last report is getting old. To be called
    /// before the feed is heard.
    [[nodiscard]] Result<void, StoreError> report(std::uint64_t applied);
    /// The feed was heard after the last report, up to `applied`. true: the others should be told.
    [[nodiscard]] bool heard(std::uint64_t applied) noexcept;
    /// Nothing is served any more: nobody has to wait for this process.
    void leave();

    /// The process may rest so long between a report and the next.
    [[nodiscard]] std::chrono::milliseconds longest_rest() const noexcept { return length_ / 4; }

    [[nodiscard]] const FeedLease& lease() const noexcept { return lease_; }

    [[nodiscard]] const std::string& name() const noexcept { return name_; }

private:
    ReplicaBook& book_;
    const std::chrono::milliseconds length_;
    const std::string name_; // of this process: another one has another, also after a restart
    FeedLease lease_;
    std::optional<Steady::time_point> reported_at_; // when the last report was begun
    std::uint64_t reported_ = 0;
    std::uint64_t beat_ = 0;
};

} // namespace gatehouse::auth
