#include "auth/revocation/feed_follower.hpp"

#include <algorithm>
#include <iterator>
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
    const auto standing = rooms_.feed.standing(rooms_.clock.now() - token_life_);
    if (!standing) return standing.error();
    if (auto loaded = load_api_keys(); !loaded) return loaded;
    load(*standing);
    return {};
}

/// After the standing was read: what happens to a key from there on is told by the feed.
Result<void, StoreError> FeedFollower::load_api_keys()
{
    if (rooms_.api_keys == nullptr) return {};
    std::vector<ApiKey> all;
    while (true) {
        auto some = rooms_.api_key_store->list_api_keys(all.empty() ? "" : all.back().id, page);
        if (!some) return some.error();
        std::ranges::move(*some, std::back_inserter(all));
        if (some->size() < page) break;
    }
    rooms_.api_keys->load(all);
    new_api_keys_.clear();
    return {};
}

/// A change says that there is a new key and no more: its row is read now, with whatever has
/// happened to it since.
Result<void, StoreError> FeedFollower::read_new_api_keys()
{
    while (!new_api_keys_.empty()) {
        const auto key = rooms_.api_key_store->find_api_key(new_api_keys_.back());
        if (!key) return key.error();
        if (*key) rooms_.api_keys->put(**key);
        new_api_keys_.pop_back();
    }
    return {};
}

void FeedFollower::load(const ChangeFeed::Standing& standing)
{
    rooms_.revocations.load(standing, rooms_.clock.seconds() + token_life_);
    sequence_ = standing.sequence;
    keys_pending_ = true; // a rotation between reading the keys and this moment has no row to come
    deliver_keys();
}

Result<void, StoreError> FeedFollower::hear()
{
    while (true) {
        const auto changes = rooms_.feed.changes_after(sequence_, page);
        if (!changes && changes.error() == StoreError::not_found) return begin_again();
        if (!changes) return changes.error();
        for (const auto& change : *changes) apply(change);
        if (auto read = read_new_api_keys(); !read) return read;
        if (changes->size() < page) break;
    }
    deliver_keys();
    return tell_what_was_lost();
}

Result<void, StoreError> FeedFollower::begin_again()
{
    auto standing = rooms_.feed.standing(rooms_.clock.now() - token_life_);
    if (!standing) return standing.error();
    auto known = rooms_.revocations.ended_sessions();
    if (auto loaded = load_api_keys(); !loaded) return loaded;
    load(*standing);
    auto& told = standing->ended_sessions;
    std::ranges::sort(known);
    std::ranges::sort(told);
    lost_.clear();
    std::ranges::set_difference(known, told, std::back_inserter(lost_));
    return tell_what_was_lost();
}

Result<void, StoreError> FeedFollower::tell_what_was_lost()
{
    if (lost_.empty()) return {};
    const auto told = rooms_.feed.end_again(lost_, rooms_.clock.now());
    if (told) lost_.clear();
    return told;
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
    const auto until = rooms_.clock.seconds() + token_life_;
    rooms_.revocations.apply(change, until);
    if (rooms_.api_keys != nullptr) {
        rooms_.api_keys->apply(change, until);
        if (change.kind == ChangeKind::api_key_created) new_api_keys_.push_back(change.subject);
    }
    if (change.kind == ChangeKind::keys_changed) keys_pending_ = true;
    sequence_ = change.sequence;
    if (rooms_.ages != nullptr) rooms_.ages->add(rooms_.clock.now() - change.at);
}

void FeedFollower::deliver_keys()
{
    if (keys_pending_) keys_pending_ = !on_keys_();
}

} // namespace gatehouse::auth
