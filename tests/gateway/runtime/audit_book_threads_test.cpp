#include "tests/gateway/runtime/audit_fixture.hpp"

#include <thread>

namespace gatehouse::gateway {
namespace {

TEST_F(Auditing, ItsThreadWritesAndStopWritesWhatIsLeft)
{
    open();
    book->start(1ms);
    refuse();
    while (all().empty()) std::this_thread::yield();
    book->stop();
    book->stop();
    EXPECT_EQ(all().size(), 1U);

    open();
    book->start(1h);
    refuse(2);
    book->stop();
    EXPECT_EQ(all().size(), 3U);
}

TEST_F(Auditing, ManyThreadsLoseNothing)
{
    open({.refusals_per_minute = 1'000'000});
    book->start(1ms);
    std::vector<std::thread> crowd;
    for (int i = 0; i < 4; ++i) {
        crowd.emplace_back([this] { refuse(500); });
    }
    for (auto& one : crowd) one.join();
    book->stop();
    EXPECT_EQ(all().size(), 2000U);
    EXPECT_EQ(book->dropped(), 0U);
}

} // namespace
} // namespace gatehouse::gateway
