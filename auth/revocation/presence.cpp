#include "auth/revocation/presence.hpp"

#include "auth/basics/id.hpp"

namespace gatehouse::auth {

Presence::Presence(ReplicaBook& book, std::chrono::milliseconds length, const FeedLease* also)
    : book_(book),
      length_(length),
      name_(Id128::random().to_string()),
      lease_(also)
{
}

Result<void, StoreError> Presence::report(std::uint64_t applied)
{
    const auto now = Steady::now();
    const bool fresh = reported_at_ && now - *reported_at_ < longest_rest();
    if (fresh && reported_ == applied) return {};
    const auto written = book_.report({name_, applied, ++beat_});
    if (!written) {
        reported_at_.reset(); // it may have been written or not: the lease counts from the next
        return written.error();
    }
    reported_at_ = now;
    reported_ = applied;
    return {};
}

bool Presence::heard(std::uint64_t applied) noexcept
{
    if (reported_at_) lease_.extend(*reported_at_, length_);
    return applied != reported_;
}

void Presence::leave()
{
    // An unavailable store keeps the entry: the first logout that waits in vain strikes it out.
    [[maybe_unused]] const auto left = book_.strike_out(name_, beat_);
}

} // namespace gatehouse::auth
