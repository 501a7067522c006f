#include "auth/store/redis/redis_feed.hpp"

#include "auth/store/redis/feed_number.hpp"
#include "config/basics/enforced.hpp"

#include <algorithm>
#include <charconv>

namespace gatehouse::auth::redis {

namespace {

using Kind = Reply::Kind;
using Again = Pool::Again;
using Steady = std::chrono::steady_clock;

/// Of a standing, in one answer: far from what an answer may be long.
constexpr std::size_t standing_page = 5000;
/// Of sessions to end in one script: others have to wait meanwhile.
constexpr std::size_t again_page = 200;

[[nodiscard]] std::string stream()
{
    return std::string(key_prefix) + "ended";
}

[[nodiscard]] Millis time_from(std::string_view text)
{
    std::int64_t value = 0;
    static_cast<void>(std::from_chars(text.data(), text.data() + text.size(), value));
    return Millis{std::chrono::milliseconds{value}};
}

[[nodiscard]] bool is_list_of_texts(const Reply& reply)
{
    return reply.is(Kind::list) &&
           std::ranges::all_of(reply.items, [](const auto& item) { return item.is(Kind::text); });
}

/// The value of a name in a map; -1: there is none.
[[nodiscard]] std::int64_t number_in(const Reply& map, std::string_view name)
{
    for (std::size_t i = 0; i + 1 < map.items.size(); i += 2) {
        if (map.items[i].text == name) return map.items[i + 1].integer;
    }
    return -1;
}

} // namespace

RedisFeed::RedisFeed(Pool& pool, std::chrono::milliseconds kept, std::chrono::milliseconds poll)
    : RedisFeed(pool, pool.place(), kept, poll)
{
}

RedisFeed::RedisFeed(Pool& pool, const Place& wakeups, std::chrono::milliseconds kept,
                     std::chrono::milliseconds poll)
    : pool_(pool),
      kept_(kept),
      poll_(poll),
      wakeups_(wakeups, stream())
{
}

Result<RedisFeed::Page, StoreError> RedisFeed::read(std::uint64_t first, std::size_t limit)
{
    const auto answer = scripts_.read.run(pool_, {stream()},
                                          {feed_id(first), std::to_string(limit)}, Again::harmless);
    if (!answer || !is_list_of_texts(*answer)) return StoreError::unavailable;
    const auto& items = answer->items;
    if (items.size() < 2 || items.size() % 3 != 2) return StoreError::unavailable;
    const auto newest = feed_number(items[1].text);
    if (!newest) return StoreError::unavailable;
    Page page{items[0].text, *newest, {}};
    for (std::size_t i = 2; i < items.size(); i += 3) {
        const auto number = feed_number(items[i].text);
        if (!number) return StoreError::unavailable;
        page.changes.push_back({*number,
                                ChangeKind::session_ended,
                                items[i + 1].text,
                                {},
                                time_from(items[i + 2].text)});
    }
    return page;
}

Result<std::vector<Change>, StoreError> RedisFeed::changes_after(std::uint64_t after,
                                                                 std::size_t limit)
{
    auto page = read(after + 1, limit);
    if (!page) return page.error();
    if (!is_of_our_history(*page, after)) return StoreError::not_found;
    const auto there = still_has(after, page->newest);
    if (!there) return there.error();
    if (!*there) return StoreError::not_found;
    return std::move(page->changes);
}

/// Whether what was heard last is where it was, or was trimmed from there. A server that was
/// emptied has newer ends soon, and keeps its history; but its stream is one that nothing was taken
/// from.
Result<bool, StoreError> RedisFeed::still_has(std::uint64_t heard, std::uint64_t newest)
{
    if (heard == 0 || newest <= heard) return true;
    const auto page = read(heard, 1);
    if (!page) return page.error();
    if (!page->changes.empty() && page->changes.front().sequence == heard) return true;
    const auto about = pool_.ask_one(Commands("XINFO", "STREAM", stream()), Again::harmless);
    if (!about || !about->is(Kind::map)) return StoreError::unavailable;
    return number_in(*about, "entries-added") != number_in(*about, "length");
}

bool RedisFeed::is_of_our_history(const Page& page, std::uint64_t after)
{
    const std::scoped_lock lock(mutex_);
    if (history_.empty()) history_ = page.history; // nobody has asked for a standing
    if (enforced("redis_feed.same_history") && page.history != history_) return false;
    return page.newest >= after || !enforced("redis_feed.nothing_lost");
}

Result<ChangeFeed::Standing, StoreError> RedisFeed::standing(Millis /*ended_after*/)
{
    Standing standing;
    std::string history;
    std::uint64_t first = 0;
    while (true) {
        auto page = read(first, standing_page);
        if (!page) return page.error();
        if (history.empty()) history = page->history;
        if (history != page->history) return StoreError::unavailable; // ask again
        for (auto& change : page->changes) {
            standing.ended_sessions.push_back(std::move(change.subject));
        }
        standing.sequence = page->newest;
        if (page->changes.size() < standing_page) break;
        first = page->changes.back().sequence + 1;
    }
    const std::scoped_lock lock(mutex_);
    history_ = history;
    return standing;
}

Result<void, StoreError> RedisFeed::end_again(std::span<const std::string> session_ids, Millis now)
{
    const auto text = [](Millis time) { return std::to_string(time.time_since_epoch().count()); };
    while (!session_ids.empty()) {
        const auto some = session_ids.first(std::min(session_ids.size(), again_page));
        Script::Words words = {key_prefix, text(now), text(now + kept_)};
        words.insert(words.end(), some.begin(), some.end());
        if (!sessions_.end_again.run(pool_, {}, words, Again::harmless)) {
            return StoreError::unavailable;
        }
        session_ids = session_ids.subspan(some.size());
    }
    return {};
}

Result<bool, StoreError> RedisFeed::wait_for_changes(std::chrono::milliseconds wait)
{
    const auto give_up = Steady::now() + wait;
    while (!wakeups_.is_stopped()) {
        const auto woken = wakeups_.count(); // before the look: what comes after it wakes us
        const auto page = read(0, 0);
        if (!page) return page.error();
        auto seen = std::pair(page->history, page->newest);
        if (seen != std::exchange(seen_, seen)) return true;
        const auto now = Steady::now();
        if (now >= give_up) break;
        const auto moment = wakeups_.is_listening() ? give_up : std::min(give_up, now + poll_);
        wakeups_.wait_until(moment, woken);
    }
    return false;
}

void RedisFeed::stop_waiting() noexcept
{
    wakeups_.stop_waiting();
}

std::string RedisFeed::history()
{
    const std::scoped_lock lock(mutex_);
    return history_;
}

} // namespace gatehouse::auth::redis
