#include "auth/revocation/feed_follower.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::auth {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t page = 500;

constexpr std::chrono::milliseconds first_rest = 25ms;
constexpr std::chrono::milliseconds longest_rest = 2s;

} // namespace

FeedFollower::FeedFollower(Rooms rooms, std::chrono::seconds token_life,
                           std::function<bool()> on_keys)
    : rooms_(rooms),
      token_life_(token_life),
      on_keys_(std::move(on_keys)),
      rest_(first_rest)
{
}

Result<void, StoreError> FeedFollower::catch_up()
{
    const auto ended_after = rooms_.clock.now() - token_life_;
    const auto standing = rooms_.feed.standing(ended_after);
    if (!standing) return standing.error();
    rooms_.revocations.load(*standing, rooms_.clock.seconds() + token_life_);
    sequence_ = standing->sequence;
    keys_pending_ = true; // a rotation between reading the keys and this moment has no row to come
    deliver_keys();
    return {};
}

Result<void, StoreError> FeedFollower::hear()
{
    while (true) {
        const auto changes = rooms_.feed.changes_after(sequence_, page);
        if (!changes && changes.error() == StoreError::not_found) return catch_up();
        if (!changes) return changes.error();
        for (const auto& change : *changes) apply(change);
        if (changes->size() < page) break;
    }
    deliver_keys();
    return {};
}

Result<void, StoreError> FeedFollower::wait_for_more(std::chrono::milliseconds wait)
{
    const auto waited = rooms_.feed.wait_for_changes(wait);
    if (!waited) return waited.error();
    return {};
}

std::chrono::milliseconds FeedFollower::rest_after(bool went_well) noexcept
{
    if (went_well) {
        rest_ = first_rest;
        return 0ms;
    }
    return std::exchange(rest_, std::min(rest_ * 2, longest_rest));
}

void FeedFollower::apply(const Change& change)
{
    rooms_.revocations.apply(change, rooms_.clock.seconds() + token_life_);
    if (change.kind == ChangeKind::keys_changed) keys_pending_ = true;
    sequence_ = change.sequence;
}

void FeedFollower::deliver_keys()
{
    if (keys_pending_) keys_pending_ = !on_keys_();
}

} // namespace gatehouse::auth
