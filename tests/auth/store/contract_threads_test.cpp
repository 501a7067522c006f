#include "tests/auth/store/contract.hpp"
#include "tests/auth/store/together.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <map>

/// What stays true when many callers come at once. Every row runs against one store object and,
/// where the store is a file, also against two objects on it, as two processes have them.
namespace gatehouse::auth::contract {
namespace {

constexpr int callers = 8;

class StoreUnderThreads : public StoreContract {
protected:
    StoreUnderThreads()
    {
        if (GetParam() != std::string("memory")) {
            neighbour_ = open_kind(GetParam(), folder.path(), StoreRole::command);
        }
        add_user("u1");
    }

    /// The store as caller number `i` sees it.
    [[nodiscard]] Store& store_of(int i) const
    {
        return neighbour_ && i % 2 == 1 ? *neighbour_ : *store;
    }

private:
    std::unique_ptr<Store> neighbour_;
};

INSTANTIATE_TEST_SUITE_P(Stores, StoreUnderThreads, every_store, name_of);

TEST_P(StoreUnderThreads, OfParallelRotationsExactlyOneWins) // R41
{
    add_session("u1", "s1");
    for (Generation from = 1; from <= 30; ++from) {
        std::atomic<int> winners = 0;
        together(callers, [&](int i) {
            if (must(store_of(i).rotate("s1", from, refreshed(noon), noon))) ++winners;
        });
        ASSERT_EQ(winners, 1) << "generation " << from;
    }
    const auto session = must(store->find_session("s1"));
    EXPECT_EQ(session->generation, 31U);
    EXPECT_EQ(session->superseded.size(), 30U);
}

TEST_P(StoreUnderThreads, OfParallelResetsWithOneLinkExactlyOneWins)
{
    must(store->create_user(user_called("u2", {}, "ada@example.com"), {}, noon));
    for (int round = 0; round < 20; ++round) {
        const auto digest = std::to_string(round);
        must(store->keep_link(
            {digest, LinkPurpose::reset_password, "u2", "ada@example.com", noon + 1h}));
        std::atomic<int> winner = -1;
        std::atomic<int> winners = 0;
        together(callers, [&](int i) {
            const auto done = store_of(i).reset_password(digest, std::to_string(i), noon);
            if (!done) {
                EXPECT_EQ(done.error(), StoreError::not_found);
                return;
            }
            winner = i;
            ++winners;
        });
        ASSERT_EQ(winners, 1) << "round " << round;
        EXPECT_EQ(must(store->find_user("u2"))->password_hash, std::to_string(winner));
    }
}

TEST_P(StoreUnderThreads, AMailIsTakenByExactlyOne)
{
    for (int round = 0; round < 20; ++round) {
        const auto id = std::to_string(round);
        ASSERT_TRUE(must(store->queue_mail(
            {id, MailKind::reset_password, "u1", id, noon, noon + 1h, 0, noon}, 100)));
        std::atomic<int> takers = 0;
        together(callers, [&](int i) {
            if (must(store_of(i).take_mail(noon, noon + 1min))) ++takers;
        });
        ASSERT_EQ(takers, 1) << "round " << round;
    }
}

TEST_P(StoreUnderThreads, NothingRotatesOnceAnEndWasAcknowledged) // R43, R46
{
    const struct {
        const char* name;
        void (*end)(Store&, const std::string&);
    } ways[] = {
        {"logout",   [](Store& s, const std::string& id) { must(s.end_session(id, noon)); }         },
        {"all",      [](Store& s, const std::string&) { must(s.end_sessions_of("u1", "", noon)); }  },
        {"password",
         [](Store& s,             const std::string&) { must(s.set_password("u1", "h", "", noon)); }},
        {"block",
         [](Store& s,             const std::string&) {
             must(s.block_user("u1", noon));
             must(s.unblock_user("u1", noon));
         }                                                                     },
    };

    for (const auto& way : ways) {
        SCOPED_TRACE(way.name);
        for (int round = 0; round < 10; ++round) {
            const auto id = std::string(way.name) + std::to_string(round);
            add_session("u1", id);
            std::atomic<bool> acknowledged = false;
            std::atomic<int> rotations = 0;
            std::atomic<int> too_late = 0;
            together(4, [&](int i) {
                if (i == 0) {
                    way.end(store_of(round), id);
                    acknowledged = true;
                    return;
                }
                for (bool last = false; !last;) {
                    last = acknowledged; // one more try after the acknowledgement
                    const auto now = must(store_of(i).find_session(id));
                    const bool rotated =
                        must(store_of(i).rotate(id, now->generation, refreshed(noon), noon));
                    rotations += rotated ? 1 : 0;
                    too_late += rotated && last ? 1 : 0;
                }
            });
            const auto session = must(store->find_session(id));
            EXPECT_EQ(too_late, 0);
            EXPECT_TRUE(session->ended_at);
            EXPECT_EQ(session->generation, 1U + static_cast<unsigned>(rotations.load()));
        }
    }
}

TEST_P(StoreUnderThreads, OneNameGoesToOnePerson) // R57
{
    for (int round = 0; round < 10; ++round) {
        const auto name = "name" + std::to_string(round);
        std::atomic<int> created = 0;
        std::atomic<int> taken = 0;
        together(callers, [&](int i) {
            const auto id = name + "-" + std::to_string(i);
            // As username for some and as e-mail for others: it is one namespace.
            const auto user = i % 3 == 0 ? user_called(id, {}, name) : user_called(id, name);
            const auto result = store_of(i).create_user(user, {}, noon);
            if (result)
                ++created;
            else if (result.error() == StoreError::name_taken)
                ++taken;
        });
        EXPECT_EQ(created, 1);
        EXPECT_EQ(taken, callers - 1);
    }
}

TEST_P(StoreUnderThreads, OneInviteLetsOnePersonIn)
{
    for (int round = 0; round < 10; ++round) {
        const auto code = "code" + std::to_string(round);
        must(store->create_invite(code, noon + 1h, noon));
        std::atomic<int> created = 0;
        std::atomic<int> refused = 0;
        together(callers, [&](int i) {
            const auto id = code + "-" + std::to_string(i);
            const auto result = store_of(i).create_user(user_called(id, id), code, noon);
            if (result)
                ++created;
            else if (result.error() == StoreError::invite_invalid)
                ++refused;
        });
        EXPECT_EQ(created, 1);
        EXPECT_EQ(refused, callers - 1);
    }
}

TEST_P(StoreUnderThreads, ParallelLoginsNeverExceedTheRoom)
{
    for (const bool evict : {true, false}) {
        SCOPED_TRACE(evict ? "evicting" : "refusing");
        const auto user = std::string(evict ? "evicted" : "refused");
        add_user(user);
        const SessionStore::Room three{.max_per_user = 3, .evict_oldest = evict};
        together(callers, [&](int i) {
            const auto id = user + std::to_string(i);
            const auto made = store_of(i).create_session(session_of(user, id), three, noon);
            EXPECT_TRUE(made || (!evict && made.error() == StoreError::too_many_sessions));
            EXPECT_LE(must(store_of(i).list_sessions(user, noon)).size(), 3U);
        });
        EXPECT_EQ(must(store->list_sessions(user, noon)).size(), 3U);
    }
}

TEST_P(StoreUnderThreads, AFollowerSeesEveryChangeInOrderWithoutGaps)
{
    constexpr int writers = 4;
    constexpr int each = 25;
    for (int i = 0; i < writers; ++i) add_user("w" + std::to_string(i));
    std::vector<Change> seen;
    together(writers + 1, [&](int i) {
        if (i < writers) {
            for (int n = 0; n < each; ++n) {
                const std::vector<std::string> roles = {std::to_string(n)};
                must(store->set_roles("w" + std::to_string(i), roles, noon));
            }
            return;
        }
        auto& follower = store_of(1);
        while (seen.size() < writers * each) {
            const auto last = seen.empty() ? 0 : seen.back().sequence;
            const auto news = must(follower.changes_after(last, 7));
            seen.insert(seen.end(), news.begin(), news.end());
            if (news.empty() && !must(follower.wait_for_changes(60s))) break;
        }
    });
    ASSERT_EQ(seen.size(), static_cast<std::size_t>(writers * each));
    std::map<std::string, int> next_role;
    for (std::size_t i = 0; i < seen.size(); ++i) {
        EXPECT_EQ(seen[i].sequence, i + 1);
        // Each writer's own writes arrive in the order in which it was answered.
        EXPECT_EQ(seen[i].roles.at(0), std::to_string(next_role[seen[i].subject]++));
    }
}

TEST_P(StoreUnderThreads, OfThoseWhoTakeALeaseTogetherOneGetsIt)
{
    for (int round = 0; round < 20; ++round) {
        SCOPED_TRACE(round);
        const auto now = Millis{noon} + round * 10s; // each round finds it expired
        std::atomic<int> winners = 0;
        together(callers, [&](int i) {
            const auto name = "holder " + std::to_string(i);
            if (must(store_of(i).take_lease("tidy", name, now, now + 10s))) ++winners;
        });
        ASSERT_EQ(winners, 1);
    }
}

TEST_P(StoreUnderThreads, OfParallelReplacementsOfKeysOneWins)
{
    for (std::uint64_t version = 0; version < 20; ++version) {
        std::atomic<int> winner = -1;
        std::atomic<int> winners = 0;
        together(callers, [&](int i) {
            if (!must(store_of(i).replace_keys("ring", version, std::to_string(i), noon))) return;
            winner = i;
            ++winners;
        });
        ASSERT_EQ(winners, 1) << "version " << version;
        const auto kept = must(store->read_keys("ring"));
        EXPECT_EQ(kept->version, version + 1);
        EXPECT_EQ(kept->bytes, std::to_string(winner));
    }
}

TEST_P(StoreUnderThreads, StoppingFreesAWaiterAtOnce)
{
    together(2, [&](int i) {
        if (i == 0) {
            store->stop_waiting();
            return;
        }
        while (must(store->wait_for_changes(1h))) {
        }
    });
}

} // namespace
} // namespace gatehouse::auth::contract
