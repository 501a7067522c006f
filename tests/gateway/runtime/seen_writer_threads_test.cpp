#include "auth/store/memory/memory_store.hpp"
#include "gateway/runtime/seen_writer.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <thread>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;
using auth::Id128;
using auth::SeenGeneration;
using auth::StoreError;

/// Takes what it is told, not at all, or all but one.
class Ledger : public auth::MemoryStore {
public:
    std::atomic<bool> down{false};
    std::atomic<int> busy_for{0}; // calls in which the first row is somebody else's
    std::atomic<int> calls{0};

    Result<std::vector<SeenGeneration>, StoreError>
    mark_seen(std::span<const SeenGeneration> seen) override
    {
        ++calls;
        if (down) return StoreError::unavailable;
        std::vector<SeenGeneration> left;
        const std::scoped_lock lock(mutex_);
        for (const auto& each : seen) {
            if (left.empty() && busy_for > 0) {
                --busy_for;
                left.push_back(each);
                continue;
            }
            taken_[each.session_id] = each.generation;
        }
        return left;
    }

    [[nodiscard]] std::size_t size()
    {
        const std::scoped_lock lock(mutex_);
        return taken_.size();
    }

private:
    std::mutex mutex_;
    std::map<std::string, auth::Generation> taken_;
};

struct SeenWriting : testing::Test {
    auth::SeenPairs pairs;
    Ledger ledger;
    SeenWriter writer{pairs, ledger};

    void note(std::uint64_t first, std::uint64_t many)
    {
        for (auto i = first; i < first + many; ++i) pairs.note(Id128{9, i}, 2);
    }

    void wait_for(std::size_t many)
    {
        while (ledger.size() < many) std::this_thread::yield();
    }
};

TEST_F(SeenWriting, TellsTheStoreAtOnceAndManyTogether)
{
    note(0, 1000);
    writer.start();
    wait_for(1000);
    EXPECT_EQ(ledger.calls, 4);
    note(1000, 1);
    wait_for(1001);
    writer.stop();
    EXPECT_EQ(pairs.newest_of({9, 5}), 0U) << "the store knows";
}

TEST_F(SeenWriting, GoesOnWhenTheStoreIsBack)
{
    ledger.down = true;
    writer.start();
    note(0, 300);
    while (ledger.calls == 0) std::this_thread::yield();
    EXPECT_EQ(pairs.newest_of({9, 5}), 2U);
    ledger.down = false;
    wait_for(300);
    writer.stop();
    EXPECT_EQ(ledger.size(), 300U);
}

TEST_F(SeenWriting, TellsAgainWhatSomebodyElseWorkedOn)
{
    ledger.busy_for = 3;
    note(0, 10);
    writer.start();
    wait_for(10);
    writer.stop();
    EXPECT_TRUE(pairs.waiting(99).empty());
}

TEST_F(SeenWriting, TheEndWritesWhatIsLeftAndWaitsForNoStore)
{
    ledger.down = true;
    writer.start();
    note(0, 3);
    while (ledger.calls == 0) std::this_thread::yield();
    writer.stop();
    writer.stop();
    EXPECT_EQ(ledger.size(), 0U);

    auth::SeenPairs other;
    Ledger good;
    SeenWriter last(other, good);
    for (std::uint64_t i = 0; i < 600; ++i) other.note(Id128{9, i}, 2);
    last.start();
    last.stop();
    EXPECT_EQ(good.size(), 600U);
}

TEST_F(SeenWriting, ManyWorkersLoseNothing)
{
    writer.start();
    std::vector<std::thread> workers;
    for (std::uint64_t n = 0; n < 4; ++n) {
        workers.emplace_back([this, n] {
            for (std::uint64_t i = 0; i < 2000; ++i) pairs.note(Id128{9, n / 2 * 2000 + i}, 2);
        });
    }
    for (auto& worker : workers) worker.join();
    wait_for(4000);
    writer.stop();
    EXPECT_EQ(pairs.dropped(), 0U);
}

} // namespace
} // namespace gatehouse::gateway
