#include "auth/revocation/presence.hpp"
#include "auth/store/memory/memory_store.hpp"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace gatehouse::auth {
namespace {

using namespace std::chrono_literals;

/// A store that may be away.
class Book final : public MemoryStore {
public:
    Result<void, StoreError> report(const Entry& entry) override
    {
        if (away) return StoreError::unavailable;
        return MemoryStore::report(entry);
    }

    /// Every entry as "applied/beat".
    [[nodiscard]] std::vector<std::string> entries()
    {
        std::vector<std::string> all;
        const auto page = replicas();
        for (const auto& entry : page->entries) {
            all.push_back(std::to_string(entry.applied) + "/" + std::to_string(entry.beat));
        }
        return all;
    }

    bool away = false;
};

using Entries = std::vector<std::string>;

TEST(Presence, HasNoLeaseBeforeItHasReportedAndHeard)
{
    Book book;
    Presence presence(book, 1h);
    EXPECT_FALSE(presence.lease().holds());
    EXPECT_TRUE(presence.heard(1));
    EXPECT_FALSE(presence.lease().holds()); // nobody knew of it when it heard
    ASSERT_TRUE(presence.report(0));
    EXPECT_FALSE(presence.lease().holds()); // and what it said is not yet true
    EXPECT_TRUE(presence.heard(3));         // others should be told
    EXPECT_TRUE(presence.lease().holds());
    ASSERT_TRUE(presence.report(3));
    EXPECT_FALSE(presence.heard(3));
    EXPECT_EQ(book.entries(), Entries{"3/2"});
    EXPECT_EQ(book.replicas()->entries.at(0).replica, presence.name());
}

TEST(Presence, SaysNothingTwiceUntilItIsTime)
{
    Book book;
    Presence presence(book, 1h);
    ASSERT_TRUE(presence.report(1));
    ASSERT_TRUE(presence.report(1));
    EXPECT_EQ(book.entries(), Entries{"1/1"});
    ASSERT_TRUE(presence.report(2));
    EXPECT_EQ(book.entries(), Entries{"2/2"});
    EXPECT_EQ(presence.longest_rest(), 15min);
}

TEST(Presence, LosesTheLeaseInSilence)
{
    Book book;
    Presence presence(book, 40ms);
    ASSERT_TRUE(presence.report(0));
    static_cast<void>(presence.heard(0));
    while (presence.lease().holds()) std::this_thread::yield();
    static_cast<void>(presence.heard(0)); // of no use: the report it rests on is too old
    EXPECT_FALSE(presence.lease().holds());
}

TEST(Presence, TheLeaseOfOneFeedIsWorthNothingWithoutTheOther)
{
    Book here;
    Book there;
    Presence first(here, 1h);
    Presence second(there, 1h, &first.lease());
    for (auto* presence : {&second, &first}) {
        EXPECT_FALSE(second.lease().holds());
        ASSERT_TRUE(presence->report(0));
        static_cast<void>(presence->heard(0));
    }
    EXPECT_TRUE(second.lease().holds());

    Presence brief(here, 40ms);
    Presence both(there, 1h, &brief.lease());
    for (auto* presence : {&brief, &both}) {
        ASSERT_TRUE(presence->report(0));
        static_cast<void>(presence->heard(0));
    }
    while (brief.lease().holds()) std::this_thread::yield();
    EXPECT_FALSE(both.lease().holds());
}

TEST(Presence, AFailedReportIsMadeAgain)
{
    Book book;
    Presence presence(book, 1h);
    ASSERT_TRUE(presence.report(0));
    book.away = true;
    EXPECT_FALSE(presence.report(1));
    book.away = false;
    ASSERT_TRUE(presence.report(1));
    EXPECT_EQ(book.entries(), Entries{"1/3"});
}

TEST(Presence, NobodyWaitsForWhoHasLeft)
{
    Book book;
    Presence presence(book, 1h);
    ASSERT_TRUE(presence.report(0));
    presence.leave();
    EXPECT_EQ(book.entries(), Entries{});
}

} // namespace
} // namespace gatehouse::auth
