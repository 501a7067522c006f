#include "auth/store/redis/redis_replicas.hpp"

#include "auth/basics/id.hpp"
#include "auth/store/redis/feed_number.hpp"
#include "auth/store/redis/session_scripts.hpp"
#include "config/basics/enforced.hpp"

#include <charconv>
#include <optional>

namespace gatehouse::auth::redis {

namespace {

using Kind = Reply::Kind;
using Again = Pool::Again;

constexpr std::string_view of_replica = "of:";

[[nodiscard]] std::string hash()
{
    return std::string(key_prefix) + "replicas";
}

[[nodiscard]] std::string stream()
{
    return std::string(key_prefix) + "ended";
}

/// Takes a word off the front.
[[nodiscard]] std::string_view next_word(std::string_view& text)
{
    const auto word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    return word;
}

[[nodiscard]] std::optional<std::uint64_t> number(std::string_view text)
{
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = error == std::errc() && end == text.data() + text.size();
    return whole ? std::optional(value) : std::nullopt;
}

/// "BEAT APPLIED HISTORY"
[[nodiscard]] std::optional<ReplicaBook::Entry>
entry_from(std::string_view name, std::string_view value, std::string_view history)
{
    const auto beat = number(next_word(value));
    const auto applied = number(next_word(value));
    if (!beat || !applied) return std::nullopt;
    const bool counts = value == history || !enforced("redis_replicas.same_history");
    return ReplicaBook::Entry{std::string(name), counts ? *applied : 0, *beat};
}

} // namespace

RedisReplicaBook::RedisReplicaBook(Pool& pool, RedisFeed& feed, std::chrono::milliseconds lease)
    : pool_(pool),
      feed_(feed),
      lease_(lease)
{
}

Result<void, StoreError> RedisReplicaBook::report(const Entry& entry)
{
    // Of no harm when it is done twice, or late: the beat tells.
    const auto answer = scripts_.report.run(pool_, {hash()},
                                            {Id128::random().to_string(), entry.replica,
                                             std::to_string(entry.applied),
                                             std::to_string(entry.beat), feed_.history()},
                                            Again::harmless);
    if (!answer || answer->items.size() != 2) return StoreError::unavailable;
    static_cast<void>(is_settled(answer->items[0].text, answer->items[1].text));
    return {};
}

Result<ReplicaBook::Page, StoreError> RedisReplicaBook::replicas()
{
    const auto answer = scripts_.replicas.run(pool_, {hash(), stream()},
                                              {Id128::random().to_string()}, Again::harmless);
    if (!answer || answer->items.size() < 3) return StoreError::unavailable;
    const auto& items = answer->items;
    const auto newest = feed_number(items[2].text);
    if (!newest || !is_settled(items[0].text, items[1].text)) return StoreError::unavailable;
    Page page{*newest, {}};
    for (std::size_t i = 3; i + 1 < items.size(); i += 2) {
        std::string_view name = items[i].text;
        if (!name.starts_with(of_replica)) continue;
        name.remove_prefix(of_replica.size());
        auto entry = entry_from(name, items[i + 1].text, items[0].text);
        if (!entry) return StoreError::unavailable;
        page.entries.push_back(std::move(*entry));
    }
    return page;
}

Result<void, StoreError> RedisReplicaBook::strike_out(std::string_view replica, std::uint64_t beat)
{
    const auto answer = scripts_.strike_out.run(
        pool_, {hash()}, {std::string(replica), std::to_string(beat)}, Again::harmless);
    if (!answer) return StoreError::unavailable;
    return {};
}

bool RedisReplicaBook::is_settled(const std::string& history, const std::string& book)
{
    const auto now = Steady::now();
    const std::scoped_lock lock(mutex_);
    auto seen = history + " " + book;
    if (seen != known_book_) {
        known_book_ = std::move(seen);
        known_since_ = now;
    }
    return now - known_since_ >= lease_ || !enforced("redis_replicas.settled");
}

} // namespace gatehouse::auth::redis
