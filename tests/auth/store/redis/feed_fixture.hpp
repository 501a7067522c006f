#pragma once

#include "auth/store/redis/feed_number.hpp"
#include "auth/store/redis/redis_replicas.hpp"
#include "auth/store/redis/redis_sessions.hpp"
#include "tests/auth/redis/server.hpp"

#include <gmock/gmock.h>

namespace gatehouse::auth::redis {

/// Sessions on a server, and who follows their feed there.
class FeedFixture : public testing::Test {
protected:
    explicit FeedFixture(Server& where) : server(where) { ask("FLUSHALL"); }

    template <class... Words>
    Reply ask(const Words&... words)
    {
        return must(server.connect()->ask_one(Commands(words...), late()));
    }

    void add(const std::string& user, const std::string& id)
    {
        contract::must(sessions.create(contract::session_of(user, id), {}, contract::noon));
    }

    /// A session that has ended.
    void end(const std::string& id)
    {
        add("u1", id);
        EXPECT_TRUE(contract::must(sessions.end(id, contract::noon)));
    }

    /// Until the pool has found the server that came back.
    void wait_for_pool()
    {
        const auto well = [&] {
            return pool.ask_one(Commands("PING"), Pool::Again::never).has_value();
        };
        while (!well()) std::this_thread::sleep_for(std::chrono::milliseconds(5)); // between looks
    }

    /// What is told within the millisecond of a change that a server has lost gets the same number.
    void wait_past(std::uint64_t change)
    {
        const auto server_ms = [&] {
            const auto time = ask("TIME").items;
            return std::stoull(time.at(0).text) * 1000 + std::stoull(time.at(1).text) / 1000;
        };
        while (server_ms() <= change >> count_bits) {
        }
    }

    [[nodiscard]] std::vector<std::string> told_after(std::uint64_t after, std::size_t limit = 1000)
    {
        std::vector<std::string> subjects;
        for (const auto& change : contract::must(feed.changes_after(after, limit))) {
            subjects.push_back(change.subject);
        }
        return subjects;
    }

    Server& server;
    Pool pool{server.place(), {.patience = std::chrono::seconds(20)}};
    RedisSessions sessions{pool, std::chrono::hours(1)};
    RedisFeed feed{pool, std::chrono::hours(1), std::chrono::milliseconds(25)};
};

} // namespace gatehouse::auth::redis
