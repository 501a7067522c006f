#include "auth/revocation/confirmation.hpp"
#include "auth/store/memory/memory_store.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <future>
#include <thread>

namespace gatehouse::auth {
namespace {

using namespace std::chrono_literals;
using Steady = Confirmation::Steady;

constexpr Millis noon{1'800'000'000'000ms};

/// A store that others write to, and that may be away.
class Book final : public MemoryStore {
public:
    Result<Page, StoreError> replicas() override
    {
        const int look = ++looks;
        if (on_look) on_look(look);
        if (away) return StoreError::unavailable;
        return MemoryStore::replicas();
    }

    [[nodiscard]] std::vector<std::string> names()
    {
        std::vector<std::string> all;
        const auto page = MemoryStore::replicas();
        for (const auto& entry : page->entries) all.push_back(entry.replica);
        return all;
    }

    std::atomic<bool> away = false;
    std::atomic<int> looks = 0;
    std::function<void(int look)> on_look;
};

class Confirming : public testing::Test {
protected:
    Confirming()
    {
        // The change that is to be heard: number 1.
        EXPECT_TRUE(book.announce_keys(noon));
    }

    /// Waits, and says how long that took.
    Steady::duration wait(std::chrono::milliseconds lease)
    {
        const auto since = Steady::now();
        Confirmation(books, lease).wait(since);
        return Steady::now() - since;
    }

    /// Waits as long as it may for the dead one, until all have struck it out. A machine that stops
    /// at the beginning watches it for too short a time, and waits once more.
    void wait_for_the_dead(std::initializer_list<Book*> all)
    {
        const auto has_it = [](Book* one) { return std::ranges::count(one->names(), "dead") != 0; };
        for (int tries = 0; tries < 10 && std::ranges::any_of(all, has_it); ++tries) {
            EXPECT_GE(wait(300ms), 600ms);
        }
    }

    using Waiting = std::future<Steady::duration>;

    /// Until the book was looked at so often, or the wait is over, which it should not be.
    void await_looks(int count, const Waiting& waiting) const
    {
        while (book.looks < count && waiting.wait_for(0s) != std::future_status::ready) {
            std::this_thread::yield();
        }
    }

    Book book;
    std::vector<Confirmation::Place> books = {
        {book, "own"}
    };
};

TEST_F(Confirming, IsOverAtOnceWhenNobodyElseIsThere)
{
    ASSERT_TRUE(book.report({"own", 1, 1}));
    EXPECT_LT(wait(1h), 1min);
}

/// Another replica ended what this one then found ended: its own call brought no news of it.
TEST_F(Confirming, IsNotOverBeforeTheOneThatWaitsHasHeard)
{
    ASSERT_TRUE(book.report({"own", 0, 1}));
    auto waiting = std::async(std::launch::async, [&] { return wait(1h); });
    await_looks(3, waiting);
    EXPECT_NE(waiting.wait_for(0s), std::future_status::ready);
    ASSERT_TRUE(book.report({"own", 1, 2}));
    EXPECT_LT(waiting.get(), 1min);
}

TEST_F(Confirming, DoesNotStrikeItselfOut)
{
    ASSERT_TRUE(book.report({"own", 0, 1}));
    EXPECT_GE(wait(300ms), 600ms);
    EXPECT_EQ(book.names(), std::vector<std::string>{"own"});
}

TEST_F(Confirming, IsOverWhenAllHaveHeard)
{
    ASSERT_TRUE(book.report({"a", 1, 1}));
    ASSERT_TRUE(book.report({"b", 0, 1}));
    auto waiting = std::async(std::launch::async, [&] { return wait(1h); });
    await_looks(3, waiting); // it looks, and looks again
    EXPECT_NE(waiting.wait_for(0s), std::future_status::ready);
    ASSERT_TRUE(book.report({"b", 1, 2}));
    EXPECT_LT(waiting.get(), 1min);
    EXPECT_EQ(book.names().size(), 2U);
}

TEST_F(Confirming, DoesNotWaitForWhatCameLater)
{
    ASSERT_TRUE(book.report({"a", 0, 1}));
    auto waiting = std::async(std::launch::async, [&] { return wait(1h); });
    await_looks(2, waiting);
    ASSERT_TRUE(book.announce_keys(noon)); // number 2
    ASSERT_TRUE(book.report({"a", 1, 2}));
    EXPECT_LT(waiting.get(), 1min);
}

TEST_F(Confirming, WaitsTwiceTheLeaseForASilentReplicaAndStrikesItOut)
{
    ASSERT_TRUE(book.report({"dead", 0, 7}));
    ASSERT_TRUE(book.report({"a", 1, 1}));
    wait_for_the_dead({&book});
    EXPECT_EQ(book.names(), std::vector<std::string>{"a"});
    EXPECT_LT(wait(1h), 1min); // the next one has nobody to wait for
}

TEST_F(Confirming, DoesNotStrikeOutWhoIsOnlySlow)
{
    ASSERT_TRUE(book.report({"slow", 0, 1}));
    book.on_look = [&](int look) {
        if (look == 2) ASSERT_TRUE(book.report({"slow", 0, 2}));
    };
    EXPECT_GE(wait(300ms), 600ms);
    EXPECT_EQ(book.names(), std::vector<std::string>{"slow"});
}

TEST_F(Confirming, WaitsWhileNobodyCanBeAskedAndNoLonger)
{
    book.away = true;
    const auto looks_of_a_wait = [&] {
        book.looks = 0;
        EXPECT_GE(wait(50ms), 100ms);
        return book.looks.load();
    };
    int looks = looks_of_a_wait();
    for (int tries = 0; tries < 10 && looks < 2; ++tries) looks = looks_of_a_wait();
    EXPECT_GT(looks, 1);
}

TEST_F(Confirming, OneThatHadToWaitForItsTurnIsOverAtOnce)
{
    ASSERT_TRUE(book.report({"dead", 0, 1}));
    const auto begun = Steady::now();
    Confirmation(books, 1min).wait(begun - 3min);
    EXPECT_LT(Steady::now() - begun, 1min);
    EXPECT_EQ(book.names(), std::vector<std::string>{"dead"}); // it has not been watched
}

TEST_F(Confirming, AsksEveryBook)
{
    Book other;
    ASSERT_TRUE(other.announce_keys(noon));
    ASSERT_TRUE(other.report({"also own", 1, 1}));
    ASSERT_TRUE(other.report({"a", 0, 1}));
    ASSERT_TRUE(book.report({"a", 0, 1}));
    books.push_back({other, "also own"});
    auto waiting = std::async(std::launch::async, [&] { return wait(1h); });
    for (auto* heard : {&other, &book}) {
        const int looks = book.looks;
        await_looks(looks + 3, waiting);
        EXPECT_NE(waiting.wait_for(0s), std::future_status::ready);
        ASSERT_TRUE(heard->report({"a", 1, 2}));
    }
    EXPECT_LT(waiting.get(), 1min);
}

TEST_F(Confirming, StrikesOutOfAllBooksAtOnce)
{
    Book other;
    ASSERT_TRUE(other.announce_keys(noon));
    for (auto* one : {&book, &other}) ASSERT_TRUE(one->report({"dead", 0, 1}));
    books.push_back({other, "own"});
    wait_for_the_dead({&book, &other});
    EXPECT_EQ(book.names(), std::vector<std::string>{});
    EXPECT_EQ(other.names(), std::vector<std::string>{});
}

} // namespace
} // namespace gatehouse::auth
