#include "auth/revocation/revocation_table.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace gatehouse::auth {
namespace {

using namespace std::chrono_literals;

constexpr Seconds noon{1'800'000'000s};
/// They yield between two looks: a reader that is always inside keeps the writer waiting for its
/// next time slice, and on a machine with fewer cores than readers that is most of the time.
constexpr int readers = 4;

/// Spread like a random id, but known to every thread.
Id128 nth(std::uint64_t n)
{
    return {n * 0x9e37'79b9'7f4a'7c15, (n + 1) * 0xbf58'476d'1ce4'e5b9};
}

TEST(RevocationTableThreads, AReaderSeesEveryWriteThatReturnedBeforeItAsked)
{
    RevocationTable table;
    constexpr std::uint64_t count = 10'000;
    std::atomic<std::uint64_t> ended{0};
    std::atomic<std::uint64_t> missed{0};
    std::atomic<std::uint64_t> invented{0};
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < readers; ++i) {
            threads.emplace_back([&, step = static_cast<std::uint64_t>(2 * i + 1)] {
                std::uint64_t at = 0;
                for (auto known = ended.load(); known < count; known = ended.load()) {
                    at += step;
                    if (known > 0 && !table.is_ended(nth(at % known))) ++missed;
                    if (table.is_ended(nth(count + at))) ++invented;
                    std::this_thread::yield();
                }
            });
        }
        for (std::uint64_t n = 0; n < count; ++n) {
            table.end_session(nth(n), noon); // the table grows many times meanwhile
            ended.store(n + 1);
        }
    }
    EXPECT_EQ(missed, 0U);
    EXPECT_EQ(invented, 0U);
    EXPECT_EQ(table.size(), count);
}

TEST(RevocationTableThreads, ForgettingNeverDropsWhatStillCounts)
{
    RevocationTable table;
    for (std::uint64_t n = 0; n < 1'000; ++n) table.end_session(nth(n), noon + 1h);
    table.block("ann");
    std::atomic<bool> over{false};
    std::atomic<std::uint64_t> missed{0};
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < readers; ++i) {
            threads.emplace_back([&] {
                for (std::uint64_t at = 0; !over.load(); ++at) {
                    if (!table.is_ended(nth(at % 1'000))) ++missed;
                    if (!table.standing_of("ann").blocked) ++missed;
                    std::this_thread::yield();
                }
            });
        }
        for (std::uint64_t round = 0; round < 100; ++round) {
            for (std::uint64_t n = 0; n < 64; ++n) {
                table.end_session(nth(1'000'000 + round * 64 + n), noon);
                table.set_roles("user" + std::to_string(n), {"brief"}, noon);
            }
            table.forget(noon);
        }
        over.store(true);
    }
    EXPECT_EQ(missed, 0U);
    EXPECT_EQ(table.size(), 1'001U);
}

TEST(RevocationTableThreads, AUserIsSeenInOneStateOrTheOtherNeverBetween)
{
    RevocationTable table;
    table.set_roles("ann", {"one", "one"}, noon + 1h);
    std::atomic<bool> over{false};
    std::atomic<std::uint64_t> torn{0};
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < readers; ++i) {
            threads.emplace_back([&] {
                while (!over.load()) {
                    const auto roles = table.standing_of("ann").roles;
                    if (!roles || roles->size() != 2 || roles->at(0) != roles->at(1)) ++torn;
                    std::this_thread::yield();
                }
            });
        }
        for (int round = 0; round < 500; ++round) {
            const auto* role = round % 2 == 0 ? "two" : "one";
            table.set_roles("ann", {role, role}, noon + 1h);
            if (round % 100 == 0) table.forget(noon);
        }
        over.store(true);
    }
    EXPECT_EQ(torn, 0U);
}

TEST(RevocationTableThreads, SeveralWritersLoseNothing)
{
    RevocationTable table;
    {
        std::vector<std::jthread> threads;
        for (std::uint64_t writer = 0; writer < 4; ++writer) {
            threads.emplace_back([&table, writer] {
                for (std::uint64_t n = 0; n < 5'000; ++n) {
                    table.end_session(nth(writer * 5'000 + n), noon);
                }
                table.block("user" + std::to_string(writer));
            });
        }
    }
    EXPECT_EQ(table.size(), 20'004U);
    for (std::uint64_t n = 0; n < 20'000; ++n) ASSERT_TRUE(table.is_ended(nth(n))) << n;
}

} // namespace
} // namespace gatehouse::auth
