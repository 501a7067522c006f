#include "tests/auth/store/open_states.hpp"

#include "auth/store/postgres/address.hpp"
#include "auth/store/postgres/postgres_states.hpp"
#include "auth/store/redis/redis_states.hpp"
#include "tests/auth/redis/server.hpp"
#include "tests/auth/store/postgres/pooler.hpp"

namespace gatehouse::auth::contract {

namespace {

struct InPostgres {
    InPostgres(bool pooled, const Clock* clock)
        : pool(postgres::address_for(pooled ? postgres::Pooler::shared().url()
                                            : postgres::Server::shared().url(),
                                     {}, pooled),
               {.connections = 8, .patience = 60s},
               {.greet =
                    [pooled](postgres::Connection& connection) {
                        if (pooled) connection.share_sessions("SET LOCAL bytea_output = 'hex'");
                    },
                .bring_up_to_date = {}}),
          states(pool, clock)
    {
    }

    postgres::Pool pool;
    postgres::PostgresStates states;
};

struct InRedis {
    explicit InRedis(const Clock* clock)
        : pool(redis::Server::shared().place(), {.connections = 8, .patience = 60s}),
          states(pool, clock)
    {
    }

    redis::Pool pool;
    redis::RedisStates states;
};

} // namespace

std::shared_ptr<SharedStates> open_states(std::string_view kind, const Clock* clock)
{
    if (kind == "redis") {
        const auto place = std::make_shared<InRedis>(clock);
        return {place, &place->states};
    }
    const auto place = std::make_shared<InPostgres>(kind == "pgbouncer", clock);
    return {place, &place->states};
}

void clear_states(std::string_view kind, const std::filesystem::path& folder)
{
    if (kind == "redis") {
        redis::must(
            redis::Server::shared().connect()->ask_one(redis::Commands("FLUSHALL"), redis::late()));
    } else {
        [[maybe_unused]] const auto tables = open_kind(kind, folder);
    }
}

Result<void, StoreError> StatesInMemory::change(std::span<const std::string> keys,
                                                std::chrono::milliseconds /*kept*/,
                                                const Change& change)
{
    ++calls;
    if (down) return StoreError::unavailable;
    std::vector<std::string> texts;
    for (const auto& key : keys) texts.push_back(states[key]);
    const auto judged = change(texts, clock_.now());
    if (!judged) return judged;
    for (std::size_t i = 0; i < keys.size(); ++i) states[keys[i]] = texts[i];
    return {};
}

Result<bool, StoreError> StatesInMemory::forget_old(std::size_t /*at_most*/)
{
    ++calls;
    return false;
}

} // namespace gatehouse::auth::contract
