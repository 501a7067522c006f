#include "tests/auth/store/redis/two_stores.hpp"

#include "auth/store/memory/memory_store.hpp"
#include "auth/store/redis/redis_replicas.hpp"
#include "auth/store/redis/redis_sessions.hpp"
#include "tests/auth/redis/server.hpp"

#include <algorithm>
#include <mutex>

namespace gatehouse::auth::redis {

namespace {

using namespace std::chrono_literals;
using Ids = Result<std::vector<std::string>, StoreError>;

void require(bool holds, const char* call)
{
    if (!holds) throw std::runtime_error(std::string("Redis says something else about ") + call);
}

[[nodiscard]] std::vector<std::string> sorted(std::vector<std::string> ids)
{
    std::ranges::sort(ids);
    return ids;
}

class TwoStores : public MemoryStore {
public:
    explicit TwoStores(const Place& place) : pool_(place, {.patience = 60s}), sessions_(pool_, 0ms)
    {
    }

    [[nodiscard]] Pool& pool() noexcept { return pool_; }

    Result<void, StoreError> register_user(const User& user, std::optional<std::string_view> invite,
                                           const Session& session, const Deed& deed) override
    {
        const std::scoped_lock lock(account_);
        const auto made = MemoryStore::register_user(user, invite, session, deed);
        if (made) require(sessions_.create(session, {}, deed.at).has_value(), "a registration");
        return made;
    }

    Ids set_password(std::string_view id, std::string_view hash, std::string_view keep,
                     const Deed& deed) override
    {
        return end_all_and(id, keep, deed.at,
                           [&] { return MemoryStore::set_password(id, hash, keep, deed); });
    }

    Ids block_user(std::string_view id, const Deed& deed) override
    {
        return end_all_and(id, "", deed.at, [&] { return MemoryStore::block_user(id, deed); });
    }

    Ids delete_user(std::string_view id, const Deed& deed) override
    {
        return end_all_and(id, "", deed.at, [&] { return MemoryStore::delete_user(id, deed); });
    }

    Ids create_session(const Session& session, const Room& room, const Deed& deed) override
    {
        const std::scoped_lock lock(account_);
        auto theirs = MemoryStore::create_session(session, room, deed);
        const bool user_may_not = !theirs && (theirs.error() == StoreError::blocked ||
                                              theirs.error() == StoreError::not_found);
        if (user_may_not) return theirs;
        auto ours = sessions_.create(session, room, deed.at);
        require(ours.has_value() == theirs.has_value(), "a login");
        if (ours) require(sorted(*ours) == sorted(*theirs), "whom a login evicts");
        return ours;
    }

    Result<std::optional<Session>, StoreError> find_session(std::string_view id) override
    {
        return sessions_.find(id);
    }

    Result<std::vector<Session>, StoreError> list_sessions(std::string_view id,
                                                           Seconds now) override
    {
        return sessions_.list(id, now);
    }

    Result<bool, StoreError> rotate(std::string_view id, Generation from,
                                    const RotationTerms& terms, Millis now) override
    {
        const std::scoped_lock lock(account_);
        const auto theirs = MemoryStore::rotate(id, from, terms, now);
        const auto ours = sessions_.rotate(id, from, terms, now);
        require(ours && *ours == *theirs, "a rotation");
        return ours;
    }

    Result<std::vector<SeenGeneration>, StoreError>
    mark_seen(std::span<const SeenGeneration> seen) override
    {
        const std::scoped_lock lock(account_);
        auto theirs = MemoryStore::mark_seen(seen);
        require(sessions_.mark_seen(seen).has_value(), "a pair that was seen");
        return theirs;
    }

    Result<bool, StoreError> replace_amr(std::string_view id, std::span<const std::string> expected,
                                         std::span<const std::string> amr,
                                         const Deed& deed) override
    {
        const std::scoped_lock lock(account_);
        const auto theirs = MemoryStore::replace_amr(id, expected, amr, deed);
        const auto ours = sessions_.replace_amr(id, expected, amr, deed.at);
        require(ours && *ours == *theirs, "a better proof");
        return ours;
    }

    Result<bool, StoreError> end_session(std::string_view id, const Deed& deed) override
    {
        const std::scoped_lock lock(account_);
        const auto theirs = MemoryStore::end_session(id, deed);
        const auto ours = sessions_.end(id, deed.at);
        require(ours && *ours == *theirs, "the end of a session");
        return ours;
    }

    Ids end_sessions_of(std::string_view id, std::string_view keep, const Deed& deed) override
    {
        return end_all_and(id, keep, deed.at,
                           [&] { return MemoryStore::end_sessions_of(id, keep, deed); });
    }

private:
    template <class Write>
    [[nodiscard]] Ids end_all_and(std::string_view id, std::string_view keep, Millis now,
                                  const Write& write)
    {
        const std::scoped_lock lock(account_);
        auto theirs = write();
        if (!theirs) return theirs;
        const auto ours = sessions_.end_all(id, keep, now);
        require(ours.has_value(), "an end of all sessions");
        require(sorted(*ours) == sorted(*theirs), "whose sessions end");
        return theirs;
    }

    std::mutex account_; // what a lock on the account's row would be
    Pool pool_;
    RedisSessions sessions_;
};

class TwoStoresAndOneFeed final : public TwoStores {
public:
    explicit TwoStoresAndOneFeed(const Place& place) : TwoStores(place)
    {
        contract::must(feed_.standing({})); // reports are of its history
    }

    Result<std::vector<Change>, StoreError> changes_after(std::uint64_t after,
                                                          std::size_t limit) override
    {
        return feed_.changes_after(after, limit);
    }

    Result<bool, StoreError> wait_for_changes(std::chrono::milliseconds wait) override
    {
        return feed_.wait_for_changes(wait);
    }

    void stop_waiting() noexcept override { feed_.stop_waiting(); }

    Result<Standing, StoreError> standing(Millis ended_after) override
    {
        return feed_.standing(ended_after);
    }

    Result<void, StoreError> report(const Entry& entry) override { return book_.report(entry); }

    Result<Page, StoreError> replicas() override { return book_.replicas(); }

    Result<void, StoreError> strike_out(std::string_view replica, std::uint64_t beat) override
    {
        return book_.strike_out(replica, beat);
    }

private:
    RedisFeed feed_{pool(), 0ms, 25ms};
    RedisReplicaBook book_{pool(), feed_, 0ms};
};

template <class Kind>
[[nodiscard]] std::unique_ptr<Store> on_an_empty_server()
{
    const auto& server = Server::shared();
    must(server.connect()->ask_one(Commands("FLUSHALL"), late()));
    return std::make_unique<Kind>(server.place());
}

} // namespace

std::unique_ptr<Store> open_two_stores()
{
    return on_an_empty_server<TwoStores>();
}

std::unique_ptr<Store> open_two_stores_with_feed()
{
    return on_an_empty_server<TwoStoresAndOneFeed>();
}

} // namespace gatehouse::auth::redis
