#include "auth/store/open_stores.hpp"

#include "auth/service/revocation_life.hpp"
#include "auth/store/redis/open.hpp"
#include "auth/store/redis/redis_feed.hpp"
#include "auth/store/redis/redis_replicas.hpp"
#include "auth/store/redis/redis_sessions.hpp"
#include "auth/store/redis/redis_states.hpp"
#include "config/forms/address.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace gatehouse::auth {

namespace {

using namespace std::chrono_literals;

// A person at a prompt can wait longer than a client.
constexpr auto command_patience = 10s;

/// Sessions are asked for while an account is locked: both together have to be done in time.
[[nodiscard]] redis::PoolLimits
limits_for(StoreRole role, std::optional<std::chrono::milliseconds> patience, StoreMeter* meter)
{
    std::chrono::milliseconds whole = 2 * redis::PoolLimits{}.patience;
    if (role == StoreRole::command) whole = command_patience;
    if (patience) whole = *patience;
    return {.patience = whole / 2, .meter = meter};
}

[[nodiscard]] std::chrono::seconds refused_for(const config::Settings& settings)
{
    return refused_until(settings.tokens, Seconds{}).time_since_epoch();
}

/// How many connections there are at most; SQLite's and those of `memory` have no limit.
[[nodiscard]] std::size_t connections_of(const config::Settings& settings)
{
    return config::is_postgres(settings.store) ? settings.postgres.connections : 0;
}

[[nodiscard]] std::string about_sessions(const std::string& sentence)
{
    return "sessions.store: " + sentence;
}

/// Opens where sessions are, if not with the accounts.
[[nodiscard]] Result<void, std::string> open_sessions(OpenStores& stores,
                                                      const config::Settings& settings,
                                                      StoreRole role, const StoreOptions& options)
{
    if (settings.sessions.store.empty()) return {};
    auto* meter = stores.meters ? &stores.meters->sessions : nullptr;
    auto pool = redis::open(settings.sessions.store, settings.redis, role,
                            limits_for(role, options.patience, meter), options.on_failure);
    if (!pool) return {boost::system::in_place_error, about_sessions(pool.error())};
    stores.redis = std::move(*pool);
    const auto kept = refused_for(settings);
    stores.sessions = std::make_unique<redis::RedisSessions>(*stores.redis, kept);
    stores.states = std::make_unique<redis::RedisStates>(*stores.redis);
    if (role == StoreRole::command) return {}; // which hears nothing, and tells
    auto feed = std::make_unique<redis::RedisFeed>(*stores.redis, kept, options.poll);
    stores.sessions_book =
        std::make_unique<redis::RedisReplicaBook>(*stores.redis, *feed, settings.feed_lease);
    stores.sessions_feed = std::move(feed);
    return {};
}

[[nodiscard]] Result<std::uint64_t, StoreError> count(SessionHome& sessions, Millis now)
{
    std::uint64_t all = 0;
    for (SessionHome::Walk walk; !walk.over;) {
        const auto some = sessions.count_next(walk, now);
        if (!some) return some.error();
        all += *some;
    }
    return all;
}

} // namespace

Result<OpenStores, std::string> open_stores(const config::Settings& settings, StoreRole role,
                                            StoreOptions options)
{
    using Opened = Result<OpenStores, std::string>;
    OpenStores stores;
    if (role == StoreRole::gateway) {
        stores.meters = std::make_unique<OpenStores::Meters>(connections_of(settings),
                                                             config::is_postgres(settings.store)
                                                                 ? StoreMeter::System::postgresql
                                                                 : StoreMeter::System::sqlite);
        options.meter = &stores.meters->store;
    }
    if (const auto opened = open_sessions(stores, settings, role, options); !opened) {
        return Opened(boost::system::in_place_error, opened.error());
    }
    options.postgres = settings.postgres;
    options.sessions = stores.sessions.get();
    auto store = open_store(settings.store, role, options);
    if (!store) return Opened(boost::system::in_place_error, store.error());
    stores.store = std::move(*store);
    return Opened(std::move(stores));
}

std::optional<std::string> problem_with_sessions(const config::Settings& settings)
{
    return redis::problem_with(settings.sessions.store, settings.redis);
}

Result<ChangeFeed::Standing, StoreError>
standing_of_stores(const OpenStores& stores, const config::Settings& settings, Millis now)
{
    const auto kept = refused_for(settings);
    auto standing = stores.store->standing(now - kept);
    if (!standing || !stores.redis) return standing;
    redis::RedisFeed feed(*stores.redis, kept, settings.feed.poll);
    auto there = feed.standing(now - kept);
    if (!there) return there;
    std::ranges::move(there->ended_sessions, std::back_inserter(standing->ended_sessions));
    return standing;
}

Result<StoreStatus, std::string> status_of_stores(const config::Settings& settings, Millis now)
{
    auto status = status_of_store(settings.store, settings.postgres, now);
    if (!status || !status->contents || settings.sessions.store.empty()) return status;
    OpenStores stores;
    if (const auto opened = open_sessions(stores, settings, StoreRole::command, {}); !opened) {
        return {boost::system::in_place_error, opened.error()};
    }
    const auto live = count(*stores.sessions, now);
    if (!live) return {boost::system::in_place_error, about_sessions("it does not answer")};
    status->contents->live_sessions = *live;
    status->contents->sessions_at = stores.redis->place().address.shown();
    return status;
}

} // namespace gatehouse::auth
