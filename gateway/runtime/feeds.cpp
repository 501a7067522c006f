#include "gateway/runtime/feeds.hpp"

#include <algorithm>

namespace gatehouse::gateway {

Feeds::Feeds(const std::vector<Source>& sources, Rooms rooms, const Terms& terms)
{
    std::vector<auth::Confirmation::Place> places;
    for (const auto& source : sources) {
        follow(source, rooms, terms);
        const auto& presence = followed_.back().presence;
        if (presence) places.push_back({source.book, presence->name()});
    }
    if (terms.lease) confirmation_.emplace(std::move(places), *terms.lease);
}

void Feeds::follow(const Source& source, Rooms rooms, const Terms& terms)
{
    const auto* const lease_before = lease();
    auto& added = followed_.emplace_back();
    added.name = source.name;
    if (terms.lease) added.presence.emplace(source.book, *terms.lease, lease_before);
    added.listener.emplace(
        ChangeListener::Rooms{source.feed, rooms.revocations, rooms.clock, source.api_keys,
                              source.api_key_store, &added.ages},
        terms.token_life, source.on_keys, added.presence ? &*added.presence : nullptr);
}

Result<void, auth::StoreError> Feeds::catch_up()
{
    // All again, where one failed: it may take so long that the others know too little by then.
    for (auto& feed : followed_) {
        if (auto caught_up = feed.listener->catch_up(); !caught_up) return caught_up;
    }
    return {};
}

void Feeds::start()
{
    for (auto& feed : followed_) feed.listener->start();
}

void Feeds::stop() noexcept
{
    for (auto& feed : followed_) feed.listener->stop();
}

void Feeds::leave()
{
    for (auto& feed : followed_) {
        if (feed.presence) feed.presence->leave();
    }
}

std::chrono::milliseconds Feeds::silence() const noexcept
{
    std::chrono::milliseconds longest{0};
    for (const auto& feed : followed_) longest = std::max(longest, feed.listener->silence());
    return longest;
}

std::vector<FeedFacts> Feeds::facts() const
{
    std::vector<FeedFacts> all;
    for (const auto& feed : followed_) {
        const std::chrono::duration<double> lag = feed.listener->silence();
        all.push_back({feed.name, lag.count(), feed.listener->sequence(), feed.ages.counts()});
    }
    return all;
}

const auth::FeedLease* Feeds::lease() const noexcept
{
    // Each needs those before it, so the last one needs all.
    const bool any = !followed_.empty() && followed_.back().presence;
    return any ? &followed_.back().presence->lease() : nullptr;
}

} // namespace gatehouse::gateway
